/* Standings in Redis that do not go with the log come back by themselves, or say that they do not. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { eventType } from '@hunt/rules';
import { type CodedError, veltrixErrors } from 'veltrix';
import { needsRedis, type OwnRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import { until } from '../../testing/until.ts';
import { AskLaterError } from '../partition-repairs.ts';
import { NaiveStandings } from '../testing/naive-standings.ts';
import { RecordedPartition } from '../testing/recorded-partition.ts';
import { writtenDecisions } from '../testing/written-decisions.ts';
import { ViewsFeed } from '../views-feed.ts';
import { HuntStates } from './hunt-states.ts';
import { RedisViews } from './redis-views.ts';
import type { RedisViewsOptions } from './redis-views-options.ts';

const hunt = '00000000000000a1';
const partitionCount = 2;

/** Two partitions of random decisions about one hunt. */
class TwoLogs {
  readonly logs = [new RecordedPartition(), new RecordedPartition()];
  readonly #naive = [1, 2].map((seed) => new NaiveStandings(hunt, 'last-score', seed));

  add(partition: number, count: number): void {
    for (let record = 0; record < count; record++) {
      const events = this.#naive[partition]!.nextEvents();
      this.logs[partition]!.append(writtenDecisions([{ events }]));
    }
  }

  /** One that was registered in the partition. */
  teamOf(partition: number): string {
    return this.#naive[partition]!.standings()[0]!.teamId;
  }

  /** By team: there may be ties between partitions, whose ranks are not told apart here. */
  get points(): ReadonlyMap<string, number> {
    const rows = this.#naive.flatMap((naive) => naive.standings());
    return new Map(rows.map(({ teamId, points }) => [teamId, points] as const).sort());
  }
}

describe('RedisViews that do not go with the log', needsRedis, () => {
  let redis: OwnRedis;
  const opened: RedisViews[] = [];
  before(async () => {
    redis = await startOwnRedis();
  });
  after(async () => {
    for (const views of opened) await views.close();
    await redis.stop();
  });
  const open = async (options: Partial<RedisViewsOptions>) => {
    const views = await RedisViews.open({
      servers: { addresses: redis.addresses },
      identity: { logId: 'a'.repeat(32), partitionCount },
      lookEveryMs: 20,
      repairPausesMs: [10, 20, 40],
      ...options,
    });
    opened.push(views);
    return views;
  };
  const follow = async (views: RedisViews, { logs }: TwoLogs, partition: number) => {
    const feed = new ViewsFeed({
      views,
      follow: (_partition, from, follower) => logs[partition]!.follow(from, follower),
      onEnded: (_partition, error) => assert.match(error.message, /lets go of it|never registered/),
    });
    await feed.start(partition);
  };
  const pointsOf = async (views: RedisViews) => {
    const rows = await views.standings(hunt, 0, 1_000);
    return new Map(rows.map(({ teamId, points }) => [teamId, points] as const).sort());
  };
  const shows = (views: RedisViews, two: TwoLogs, what: string) =>
    until(async () => {
      return (
        views.staleSince() === undefined && isDeepStrictEqual(await pointsOf(views), two.points)
      );
    }, what);
  /** Takes a team away that the log has, as no Redis does by itself. */
  const forget = async (prefix: string, teamId: string) => {
    const [teams] = (await redis.ask('keys', `${prefix}*:{${hunt}}:teams`)).split('\n');
    const words = teamId.match(/.{8}/g)!.map((word) => String(Number.parseInt(word, 16)));
    const orders = [0, 1].map((number) => teams!.replace(/teams$/, `order${number}`));
    const script = `local id = struct.pack('>I4I4', ARGV[1], ARGV[2])
      for i = 2, 3 do redis.call('ZREM', KEYS[i], id) end
      return redis.call('HDEL', KEYS[1], id)`;
    assert.equal(await redis.ask('eval', script, '3', teams!, ...orders, ...words), '1');
  };

  it('are made anew for everybody, and stale meanwhile', async () => {
    const prefix = 'anew:';
    const two = new TwoLogs();
    two.add(0, 200);
    two.add(1, 200);
    const other = await open({ keyPrefix: prefix });
    await follow(other, two, 1);
    const first = await open({ keyPrefix: prefix });
    await follow(first, two, 0);
    await shows(other, two, 'never had all');
    await first.close();
    const generation = await redis.ask('hget', `${prefix}{views}`, 'current');
    await forget(prefix, two.teamOf(0));
    const said: string[] = [];
    const finder = await open({
      keyPrefix: prefix,
      repairPausesMs: [100, 100],
      onRepair: ({ partition, error }) => said.push(`${partition} ${error.id}`),
      onRepaired: (partition) => said.push(`${partition} whole`),
      onFailure: (error) => said.push(`failed ${error.id}`),
    });
    await follow(finder, two, 0);
    for (let added = 0; said.length === 0; added++) {
      assert.ok(added < 200, 'nobody finds out');
      two.add(0, 10);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => other.staleSince() !== undefined, 'others are not told that it is stale');
    await until(() => said.length > 2, `not whole: ${said}`);
    await shows(other, two, 'the other one does not show it');
    await shows(finder, two, 'it does not show it itself');
    const found = '0 engine-views-inconsistent';
    assert.deepEqual(said, [found, found, '0 whole']);
    assert.deepEqual([finder.repairs.found, finder.repairs.partitions], [2, 0]);
    assert.ok(Number(await redis.ask('hget', `${prefix}{views}`, 'current')) > Number(generation));
    await until(
      async () => (await redis.ask('keys', `${prefix}${generation}:*`)) === '',
      'what was before is not deleted',
    );
  });

  it('are read again first, which is enough where only what is known of Redis here was wrong', async (t) => {
    const prefix = 'again:';
    const two = new TwoLogs();
    two.add(0, 100);
    const said: string[] = [];
    const views = await open({
      keyPrefix: prefix,
      onRepair: ({ pauseMs }) => said.push(`in ${pauseMs}`),
      onRepaired: () => said.push('whole'),
    });
    await follow(views, two, 0);
    await follow(views, two, 1);
    await shows(views, two, 'never had all');
    const generation = await redis.ask('hget', `${prefix}{views}`, 'current');
    const fold = t.mock.method(HuntStates.prototype, 'fold', () => undefined, { times: 1 });
    two.add(0, 100);
    await until(() => fold.mock.callCount() > 0 && said.includes('whole'), 'not whole');
    await shows(views, two, 'not shown again');
    assert.deepEqual(said, ['in 10', 'whole']);
    assert.equal(await redis.ask('hget', `${prefix}{views}`, 'current'), generation);
  });

  it('are not made anew before the log can be read from its beginning', async () => {
    const prefix = 'kept:';
    const two = new TwoLogs();
    two.add(0, 200);
    two.add(1, 200);
    const first = await open({ keyPrefix: prefix });
    await follow(first, two, 0);
    await follow(first, two, 1);
    await shows(first, two, 'never had all');
    await first.close();
    const current = () => redis.ask('hget', `${prefix}{views}`, 'current');
    const generation = await current();
    await forget(prefix, two.teamOf(0));
    const gone = veltrixErrors.create('veltrix-log-offset-gone', {
      ...{ offset: 1, partition: 0, stream: 'events', first: 9 },
    });
    const answers: Error[] = [new AskLaterError('the archive cannot be asked'), gone];
    const failures: CodedError[] = [];
    const finder = await open({
      keyPrefix: prefix,
      checkLog: async () => {
        throw answers.shift() ?? new Error('asked once more');
      },
      onFailure: (error) => failures.push(error),
    });
    await follow(finder, two, 0);
    for (let added = 0; finder.repairs.found === 0; added++) {
      assert.ok(added < 200, 'nobody finds out');
      two.add(0, 10);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => failures.length > 0, 'it goes on for ever');
    assert.deepEqual(failures, [gone]);
    assert.equal(await current(), generation);
    assert.ok((await redis.ask('keys', `${prefix}${generation}:*`)) !== '', 'boards are gone');
  });

  it('stop where it is found again in what was made anew, and say so', async () => {
    const two = new TwoLogs();
    two.add(0, 20);
    const event = { type: eventType.answerRejected, hunt, team: 'f'.repeat(16), value: 1 };
    const pauses: number[] = [];
    const failures: CodedError[] = [];
    const views = await open({
      keyPrefix: 'wrong:',
      onRepair: ({ pauseMs }) => pauses.push(pauseMs),
      onFailure: (error) => failures.push(error),
    });
    await follow(views, two, 0);
    two.logs[0]!.append(writtenDecisions([{ events: [event] }]));
    await until(() => failures.length > 0, 'it goes on for ever');
    two.add(0, 20);
    await assert.rejects(views.settled(), { id: 'engine-views-inconsistent' });
    // Read again, made anew, and nothing is wiped after that.
    assert.deepEqual(pauses, [10, 20]);
    assert.deepEqual([failures.length, views.repairs.found, views.repairs.partitions], [1, 3, 1]);
    assert.ok(views.staleSince() !== undefined);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { needsRedis, type OwnRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import { until } from '../../testing/until.ts';
import { MemoryViews } from '../memory/memory-views.ts';
import { NaiveStandings } from '../testing/naive-standings.ts';
import { RecordedPartition } from '../testing/recorded-partition.ts';
import { writtenDecisions } from '../testing/written-decisions.ts';
import { ViewsFeed } from '../views-feed.ts';
import { RedisViews } from './redis-views.ts';
import type { RedisViewsOptions } from './redis-views-options.ts';

const hunt = '00000000000000a1';
const identity = { logId: 'a'.repeat(32), partitionCount: 1 };

/** A log of random decisions, and what it folds to in memory. */
function recorded(records: number) {
  const naive = new NaiveStandings(hunt, 'penalty');
  const log = new RecordedPartition();
  const add = (count: number) => {
    for (let record = 0; record < count; record++) {
      log.append(writtenDecisions([{ events: naive.nextEvents() }]));
    }
  };
  add(records);
  return { log, add, expected: () => naive.standings().slice(0, 1_000) };
}

function fed(views: RedisViews, log: RecordedPartition): ViewsFeed {
  const feed = new ViewsFeed({
    views,
    follow: (_partition, from, follower) => log.follow(from, follower),
    // Views that are closed at the end of a test end their feed.
    onEnded: (_partition, error) => assert.match(error.message, /lets go of it/),
  });
  return feed;
}

/** Compared without a report of each difference: that would block the connection beyond its time-outs. */
async function shows(views: RedisViews, expected: () => unknown, what: string): Promise<void> {
  await until(async () => {
    const found = await views.standings(hunt, 0, 1_000).catch(() => undefined);
    return views.staleSince() === undefined && isDeepStrictEqual(found, expected());
  }, what);
}

describe('RedisViews when things go wrong', needsRedis, () => {
  let redis: OwnRedis;
  const opened: RedisViews[] = [];
  before(async () => {
    redis = await startOwnRedis();
  });
  after(async () => {
    for (const views of opened) await views.close();
    await redis.stop();
  });
  const open = async (options: Partial<RedisViewsOptions> = {}) => {
    const views = await RedisViews.open({
      servers: { addresses: redis.addresses, commandTimeoutMs: 1_000 },
      identity,
      lookEveryMs: 50,
      ...options,
    });
    opened.push(views);
    return views;
  };

  it('goes on where it stopped, and takes nothing twice from a second process', async () => {
    const { log, add, expected } = recorded(500);
    const first = await open({ keyPrefix: 'again:' });
    first.setTies(hunt, 'penalty');
    await fed(first, log).start(0);
    await shows(first, expected, 'the first never had all');
    const second = await open({ keyPrefix: 'again:' });
    await fed(second, log).start(0);
    add(500);
    await log.shown();
    await shows(second, expected, 'two at once did not come to the right end');
    const third = await open({ keyPrefix: 'again:' });
    await first.settled();
    await second.settled();
    assert.ok((await third.nextOffset(0)) > 500);
    await first.close();
    await second.close();
    await fed(third, log).start(0);
    add(100);
    await shows(third, expected, 'the third did not go on');
  });

  it('goes on from where another process brought a partition that it let go of', async () => {
    const { log, add, expected } = recorded(300);
    const [first, second] = [
      await open({ keyPrefix: 'handed:' }),
      await open({ keyPrefix: 'handed:' }),
    ];
    first.setTies(hunt, 'penalty');
    const feeds = [fed(first, log), fed(second, log)] as const;
    let offset = 0;
    for (const [turn, feed] of [feeds[0], feeds[1], feeds[0]].entries()) {
      await feed.start(0);
      const views = turn === 1 ? second : first;
      const next = await views.nextOffset(0);
      assert.ok(next > offset, `begins at ${next} and not where the other was, ${offset}`);
      offset = 300 * turn + 250;
      await shows(views, expected, `turn ${turn}`);
      feed.stop(0);
      add(300);
    }
    await feeds[1].start(0);
    await shows(second, expected, 'it was not brought to its end');
    await first.settled();
  });

  it('is fresh again though the process that found Redis emptied is gone before all was there again', async () => {
    const { log, add, expected } = recorded(5_000);
    const first = await open({ keyPrefix: 'gone:' });
    first.setTies(hunt, 'penalty');
    const feed = fed(first, log);
    await feed.start(0);
    await shows(first, expected, 'never had all');
    await redis.ask('flushall');
    // It has something to write, finds that all is gone, and says so to everybody.
    const refilling = () => redis.ask('hget', 'gone:{views}', 'refill-0');
    add(1);
    await until(async () => /^\d+$/.test(await refilling()), 'nobody finds out');
    await first.close();
    const second = await open({ keyPrefix: 'gone:' });
    second.setTies(hunt, 'penalty');
    await fed(second, log).start(0);
    await shows(second, expected, 'stale for good');
  });

  it('shows what it read before while Redis is gone, says so, and catches up from the log', async () => {
    const own = await startOwnRedis();
    const servers = { addresses: own.addresses, commandTimeoutMs: 1_000 };
    const { log, add, expected } = recorded(300);
    const views = await open({ servers, updatesMaxBytes: 2_000 });
    try {
      views.setTies(hunt, 'penalty');
      await fed(views, log).start(0);
      await shows(views, expected, 'never had all');
      const before = expected();
      own.freeze();
      add(3_000);
      assert.deepEqual(await views.standings(hunt, 0, 1_000), before);
      await until(() => views.staleSince() !== undefined, 'was never stale');
      assert.deepEqual(await views.standings(hunt, 0, 1_000), before);
      await assert.rejects(views.standings(hunt, 0, 7), { id: 'engine-redis-unavailable' });
      own.wake();
      await shows(views, expected, 'did not catch up after the pause');
      await own.kill();
      await until(() => views.staleSince() !== undefined, 'was not stale after the kill');
      add(1_000);
      // Comes back empty.
      await own.restart();
      views.setTies(hunt, 'penalty');
      await shows(views, expected, 'was not made anew from the log');
    } finally {
      await views.close();
      await own.stop();
    }
  });

  it('finds out that Redis was emptied or lost a hunt, and is stale until all is there again', async () => {
    const { log, add, expected } = recorded(400);
    const writer = await open({ keyPrefix: 'lost:' });
    const reader = await open({ keyPrefix: 'lost:' });
    writer.setTies(hunt, 'penalty');
    await fed(writer, log).start(0);
    await shows(writer, expected, 'never had all');
    const keys = (await redis.ask('keys', `lost:*{${hunt}}*`)).split('\n');
    // The directory of teams, the hunt, and one order.
    assert.equal(keys.length, 3);
    await redis.ask('del', ...keys);
    add(1);
    writer.setTies(hunt, 'penalty');
    await shows(reader, expected, 'a lost hunt was not made anew');
    await redis.ask('flushall');
    add(1);
    await until(() => reader.staleSince() === undefined, 'stays stale');
    await until(async () => (await reader.counters(hunt)) !== undefined, 'stays empty');
    writer.setTies(hunt, 'penalty');
    await shows(reader, expected, 'was not made anew');
  });

  it('is made anew beside what is shown, and then shown everywhere', async () => {
    const { log, add, expected } = recorded(400);
    const shown = await open({ keyPrefix: 'rebuild:' });
    shown.setTies(hunt, 'penalty');
    await fed(shown, log).start(0);
    await shows(shown, expected, 'never had all');
    const version = shown.version(hunt);
    const [team] = await shown.standings(hunt, 0, 1);
    const state = await redis.ask('keys', 'rebuild:*:teams');
    await redis.ask('del', state.replace(':teams', ':order0'), state.replace(':teams', ':order1'));
    assert.deepEqual(await shown.standings(hunt, 0, 1), []);
    const rebuilt = await open({ keyPrefix: 'rebuild:', rebuild: true });
    rebuilt.setTies(hunt, 'penalty');
    await fed(rebuilt, log).start(0);
    add(50);
    await log.shown();
    await rebuilt.settled();
    assert.notDeepEqual(await rebuilt.standings(hunt, 0, 1), []);
    assert.deepEqual(await shown.standings(hunt, 1_000, 1), []);
    await rebuilt.promote();
    await shows(shown, expected, 'the new generation is not shown');
    assert.ok(shown.version(hunt) > version);
    assert.ok(team);
    add(50);
    await shows(shown, expected, 'the new generation does not go on');
    assert.equal(await redis.ask('exists', state), '0');
    await assert.rejects(rebuilt.promote(), RangeError);
  });

  it('has a limit on what waits', async () => {
    const views = await open({
      servers: { addresses: ['127.0.0.1:1'] },
      updatesMaxBytes: 1_000,
    });
    const { log } = recorded(2_000);
    assert.ok(views.staleSince() !== undefined);
    let taken = 0;
    let refused = 0;
    assert.throws(
      () =>
        log.each((offset, record) => {
          if (views.apply(0, offset, record)) taken += 1;
          else refused += 1;
        }),
      { id: 'engine-views-behind' },
    );
    assert.ok(taken > 0 && refused > 0);
    await assert.rejects(views.standings(hunt, 0, 1), { id: 'engine-redis-unavailable' });
  });

  it('stops at an event about a team that was never registered', async () => {
    const views = await open({ keyPrefix: 'unregistered:' });
    const event = { type: 0x110, hunt, team: '0000000000000001', value: 1 };
    views.apply(0, 1, writtenDecisions([{ events: [event] }]));
    await assert.rejects(views.settled(), { id: 'engine-views-inconsistent' });
    assert.equal(await redis.ask('keys', `unregistered:*{${hunt}}*`), '');
  });

  it('refuses an evicting Redis, another log, another format and another server, and writes nothing', async () => {
    await redis.ask('config', 'set', 'maxmemory-policy', 'allkeys-lru');
    await assert.rejects(open({ keyPrefix: 'evicts:' }), { id: 'engine-redis-evicts' });
    assert.equal(await redis.ask('keys', 'evicts:*'), '');
    await redis.ask('config', 'set', 'maxmemory-policy', 'noeviction');
    await (await open({ keyPrefix: 'foreign:' })).close();
    const other = { ...identity, logId: 'b'.repeat(32) };
    const asOther = open({ keyPrefix: 'foreign:', identity: other });
    await assert.rejects(asOther, { id: 'engine-redis-foreign', message: /logId a/ });
    const wider = open({ keyPrefix: 'foreign:', identity: { ...identity, partitionCount: 2 } });
    await assert.rejects(wider, { id: 'engine-redis-foreign', message: /partitionCount 1/ });
    await redis.ask('hset', 'foreign:{views}', 'format', '1');
    await assert.rejects(open({ keyPrefix: 'foreign:' }), { id: 'engine-redis-foreign' });
    const cluster = open({ servers: { addresses: redis.addresses, cluster: true } });
    await assert.rejects(cluster, { id: 'engine-redis-refused' });
    const servers = { addresses: redis.addresses, username: 'nobody', password: 'wrong' };
    await assert.rejects(open({ servers }), { id: 'engine-redis-refused' });
  });

  it('equals the views in memory on the same records', async () => {
    const { log } = recorded(1_500);
    const views = await open({ keyPrefix: 'same:' });
    const memory = new MemoryViews();
    log.each((offset, record) => {
      memory.apply(0, offset, record);
      views.apply(0, offset, record);
    });
    await views.settled();
    assert.deepEqual(await views.counters(hunt), await memory.counters(hunt));
    for (const from of [0, 100, 333]) {
      const expected = await memory.standings(hunt, from, 250);
      assert.deepEqual(await views.standings(hunt, from, 250), expected);
    }
  });
});

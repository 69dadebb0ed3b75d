/*
 * Redis is emptied while several processes bring standings there, and partitions go from one to the other: whoever has
 * not noticed yet must not have others go on from where it is. Standings end as the views in memory have them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { eventType } from '@hunt/rules';
import { needsRedis, type OwnRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import { until } from '../../testing/until.ts';
import { MemoryViews } from '../memory/memory-views.ts';
import { EmptiedRedisWorld } from '../testing/emptied-redis-world.ts';
import { RecordedPartition } from '../testing/recorded-partition.ts';
import { writtenDecisions } from '../testing/written-decisions.ts';
import { ViewsFeed } from '../views-feed.ts';
import { RedisViews } from './redis-views.ts';

const hunt = '00000000000000a1';
const team = '00000000000000f1';
const firstSeed = Number(process.env['HUNT_EMPTIED_SEED'] ?? 1);
const rounds = Number(process.env['HUNT_EMPTIED_ROUNDS'] ?? 40);

describe('RedisViews on a Redis that is emptied', needsRedis, () => {
  let redis: OwnRedis;
  before(async () => {
    redis = await startOwnRedis();
  });
  after(() => redis.stop());

  it('begin from the start where somebody who has not noticed was the last to say where they are', async () => {
    const log = new RecordedPartition();
    const failures: unknown[] = [];
    const open = async (lookEveryMs: number) => {
      const views = await RedisViews.open({
        ...{ servers: { addresses: redis.addresses }, keyPrefix: 'last:', lookEveryMs },
        identity: { logId: 'a'.repeat(32), partitionCount: 1 },
        onFailure: (error) => failures.push(error),
        onRepair: ({ error }) => failures.push(error),
      });
      const feed = new ViewsFeed({
        views,
        follow: (_partition, from, follower) => log.follow(from, follower),
        // The first is given a record after it has ended.
        onEnded: (_partition, error) => assert.match(error.message, /lets go of it/),
      });
      return { views, feed };
    };
    log.append(writtenDecisions([{ events: [{ type: eventType.teamRegistered, hunt, team }] }]));
    const first = await open(600_000);
    await first.feed.start(0);
    await log.shown();
    await first.views.settled();
    await redis.ask('flushall');
    // It has nothing to write about standings, so nothing that is not there is missed.
    log.append(writtenDecisions([{ events: [] }]));
    await log.shown();
    await first.views.settled();
    await first.views.close();
    log.append(
      writtenDecisions([{ events: [{ type: eventType.answerRejected, hunt, team, value: 3 }] }]),
    );
    const second = await open(20);
    try {
      await second.feed.start(0);
      await until(
        async () => failures.length > 0 || (await second.views.standing(hunt, team))?.points === -3,
      );
      assert.deepEqual(failures, []);
    } finally {
      await second.views.close();
    }
  });

  it('are noticed to be empty though nothing is decided', async () => {
    const log = new RecordedPartition();
    log.append(writtenDecisions([{ events: [{ type: eventType.teamRegistered, hunt, team }] }]));
    const views = await RedisViews.open({
      ...{ servers: { addresses: redis.addresses }, keyPrefix: 'quiet:', lookEveryMs: 20 },
      identity: { logId: 'a'.repeat(32), partitionCount: 1 },
    });
    try {
      const feed = new ViewsFeed({
        views,
        follow: (_partition, from, follower) => log.follow(from, follower),
        onEnded: (_partition, error) => assert.match(error.message, /lets go of it/),
      });
      await feed.start(0);
      const shown = () => views.standing(hunt, team);
      await until(async () => (await shown()) !== undefined);
      await redis.ask('flushall');
      assert.equal((await views.counters(hunt))?.teams ?? 0, 0);
      await until(async () => (await shown()) !== undefined, 'nobody brings it again');
      await until(() => views.staleSince() === undefined, 'stale for good');
    } finally {
      await views.close();
    }
  });

  it(`equal the views in memory in the end, whoever ends and takes over when (${rounds} rounds from seed ${firstSeed})`, async () => {
    for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
      const world = new EmptiedRedisWorld(redis, seed);
      try {
        await world.play();
        const memory = new MemoryViews();
        world.each((partition, offset, record) => memory.apply(partition, offset, record));
        const reader = world.whole();
        for (const huntId of world.hunts) {
          const expected = [
            await memory.counters(huntId),
            await memory.standings(huntId, 0, 1_000),
          ];
          const shown = () =>
            Promise.all([reader.counters(huntId), reader.standings(huntId, 0, 1_000)]);
          await until(
            // A connection that was cut is made anew.
            async () =>
              world.failures.length > 0 ||
              isDeepStrictEqual(await shown().catch(() => undefined), expected),
            `seed ${seed}: hunt ${huntId} is another than in memory after ${world.told}`,
          );
        }
        assert.deepEqual(world.failures, [], `seed ${seed}: ${world.told}`);
        await until(() => reader.staleSince() === undefined, `seed ${seed}: stale for good`);
      } finally {
        await world.close();
      }
    }
  });
});

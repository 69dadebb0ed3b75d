import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LogFollower } from 'veltrix';
import { needsRedis, type OwnRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import { until } from '../../testing/until.ts';
import { NaiveStandings } from '../testing/naive-standings.ts';
import { RecordedPartition } from '../testing/recorded-partition.ts';
import { writtenDecisions } from '../testing/written-decisions.ts';
import { ViewsFeed } from '../views-feed.ts';
import { RedisViews } from './redis-views.ts';

/* Readers know that standings lag behind the log from what the processes that follow it say, or no longer say. */
const hunt = '00000000000000a1';
const identity = { logId: 'a'.repeat(32), partitionCount: 1 };

describe('RedisViews that lag behind the log', needsRedis, () => {
  let redis: OwnRedis;
  const opened: RedisViews[] = [];
  before(async () => {
    redis = await startOwnRedis();
  });
  after(async () => {
    for (const views of opened) await views.close();
    await redis.stop();
  });
  const open = async (keyPrefix: string) => {
    const views = await RedisViews.open({
      servers: { addresses: redis.addresses },
      identity,
      keyPrefix,
      lookEveryMs: 20,
      staleAfterMs: 1_000,
    });
    opened.push(views);
    return views;
  };
  const isStale = async (reader: RedisViews, stale: boolean, what: string) => {
    await until(() => (reader.staleSince() !== undefined) === stale, what);
  };

  it('are stale where nobody follows it, and fresh again when somebody does', async () => {
    const naive = new NaiveStandings(hunt, 'last-score');
    const log = new RecordedPartition();
    log.append(writtenDecisions([{ events: naive.nextEvents() }]));
    const reader = await open('nobody:');
    await isStale(reader, true, 'nobody ever followed it');
    for (const _ of [1, 2]) {
      const writer = await open('nobody:');
      const feed = new ViewsFeed({
        views: writer,
        follow: (_partition, from, follower) => log.follow(from, follower),
        onEnded: (_partition, error) => assert.fail(error),
      });
      await feed.start(0);
      await isStale(reader, false, 'somebody follows it');
      const stopped = Date.now();
      feed.stop(0);
      await isStale(reader, true, 'it is followed no more');
      assert.ok(reader.staleSince()! >= stopped - 2_000);
      await writer.close();
    }
  });

  it('are stale where the one that follows it is behind, or cannot read it', async () => {
    const naive = new NaiveStandings(hunt, 'last-score');
    const reader = await open('behind:');
    const writer = await open('behind:');
    let follower!: LogFollower;
    const nothing = { end: 0, pause: () => {}, resume: () => {}, stop: () => {} };
    const feed = new ViewsFeed({
      views: writer,
      follow: (_partition, _from, given) => {
        follower = given;
        return nothing;
      },
      onEnded: (_partition, error) => assert.fail(error),
    });
    await feed.start(0);
    follower.caughtUp?.(1);
    await isStale(reader, false, 'it has all');
    follower.record(1, writtenDecisions([{ events: naive.nextEvents() }]));
    await writer.settled();
    await isStale(reader, true, 'there may be more in the log');
    follower.caughtUp?.(2);
    await isStale(reader, false, 'it has all again');
    follower.interrupted?.(new Error('no broker answers'));
    await isStale(reader, true, 'the log cannot be read');
    follower.interrupted?.(undefined);
    await isStale(reader, false, 'the log can be read again');
  });

  it('tell how far they are behind what they were given, while they are given it', async () => {
    const naive = new NaiveStandings(hunt, 'last-score');
    const views = await open('lag:');
    assert.equal(views.lag(0), undefined);
    await views.nextOffset(0);
    assert.deepEqual(views.lag(0), { records: 0, seconds: 0 });
    redis.freeze();
    try {
      for (const offset of [1, 2, 3]) {
        views.apply(0, offset, writtenDecisions([{ events: naive.nextEvents() }]));
      }
      assert.equal(views.lag(0)!.records, 3);
      await until(() => views.lag(0)!.seconds > 0.2, 'what waits grows older');
    } finally {
      redis.wake();
    }
    await views.settled();
    assert.deepEqual(views.lag(0), { records: 0, seconds: 0 });
    views.release(0);
    assert.equal(views.lag(0), undefined);
  });
});

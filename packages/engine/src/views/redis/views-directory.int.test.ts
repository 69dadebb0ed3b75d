import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRedisClient } from '../../redis/redis-client.ts';
import { needsRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import { ViewsDirectory } from './views-directory.ts';

test(
  'what is said of a directory is not said of another one, and makes none',
  needsRedis,
  async (t) => {
    const redis = await startOwnRedis();
    t.after(() => redis.stop());
    const client = await openRedisClient({ addresses: redis.addresses }, () => {});
    t.after(() => client.disconnect());
    await new Promise((resolve) => client.once('ready', resolve));
    const directory = new ViewsDirectory({
      ...{ client, prefix: 'directory:', address: redis.address, now: () => Date.now() },
      identity: { logId: 'a'.repeat(32), partitionCount: 1 },
    });
    const noAges = new Map<number, number>();
    const first = await directory.enter(noAges, undefined);
    await directory.setRefilling(0, Date.now(), first);
    assert.ok((await directory.enter(noAges, first)).refillingSince !== undefined);
    await redis.ask('flushall');
    // Else the next who enters would find the directory of something else, and stop for good.
    await directory.setRefilling(0, Date.now(), first);
    assert.equal(await redis.ask('exists', 'directory:{views}'), '0');
    const second = await directory.enter(new Map([[0, 0]]), first);
    assert.ok(second.began > first.began);
    await directory.setRefilling(0, Date.now(), first);
    const known = await directory.enter(noAges, second);
    assert.equal(known.refillingSince, undefined, 'it is told of a directory that is gone');
    await directory.replace(known.current - 1);
    assert.equal((await directory.enter(noAges, known)).current, known.current);
    await directory.replace(known.current);
    const third = await directory.enter(new Map([[0, 0]]), known);
    assert.ok(third.current > known.current);
    assert.ok(third.refillingSince !== undefined, 'ages of what was before count');
  },
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotAvailable } from '../availability.ts';
import { assertNothingLeft } from '../testing/nothing-left.ts';
import { startRedis } from './redis.ts';
import { askRedis } from './redis-probe.ts';

const needs = { skip: whyNotAvailable('redis') };

function ask(address: string, command: string): Promise<string> {
  return askRedis(address, command, AbortSignal.timeout(5_000));
}

test(
  'Redis takes commands, is frozen, killed, comes back empty, and leaves nothing',
  needs,
  async () => {
    const redis = await startRedis({ own: true });
    const { address } = redis;
    await assertNothingLeft(redis, async () => {
      assert.equal(await ask(address, 'SET a 1'), '+OK\r\n');
      redis.freeze();
      await assert.rejects(askRedis(address, 'PING', AbortSignal.timeout(200)), /is silent/);
      redis.wake();
      assert.equal(await ask(address, 'GET a'), '$1\r\n1\r\n');
      await redis.kill();
      await assert.rejects(ask(address, 'PING'), /ECONNREFUSED/);
      await redis.restart();
      assert.equal(await ask(address, 'GET a'), '$-1\r\n');
    });
  },
);

test('three masters share the slots, also after one was killed', needs, async () => {
  const redis = await startRedis({ cluster: true });
  await assertNothingLeft(redis, async () => {
    assert.equal(redis.addresses.length, 3);
    await redis.kill(2);
    await redis.restart(2);
    for (const address of redis.addresses) {
      assert.match(await ask(address, 'CLUSTER INFO'), /cluster_state:ok/);
    }
    // The slot of `foo` is 12182: the last of three holds it.
    assert.equal(await ask(redis.addresses[2] ?? '', 'SET foo 1'), '+OK\r\n');
    await assert.rejects(ask(redis.address, 'SET foo 1'), /MOVED 12182/);
  });
});

test('a setting that the server refuses is told with its own words', needs, async () => {
  await assert.rejects(
    startRedis({ own: true, settings: { 'maxmemory-policy': 'sometimes' } }),
    /redis-1 ended before it answered[\s\S]*maxmemory-policy/,
  );
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needsRedis, type OwnRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import { until } from '../../testing/until.ts';
import { testBusContract } from '../bus.contract.ts';
import { RedisBus } from './redis-bus.ts';

let logs = 0;

/** The tests of the contract use the partitions below. */
const partitionCount = 2;
/** Offsets above are no records of the contract. */
const firstProbe = 1e9;

async function openBus(redis: OwnRedis, cluster: boolean) {
  const errors: unknown[] = [];
  const servers = { addresses: redis.addresses, cluster };
  const options = { servers, onError: (error: unknown) => errors.push(error) };
  const bus = await RedisBus.open({ ...options, logId: `log-${logs++}`, partitionCount });
  const heard: number[] = [];
  let sent = firstProbe;
  /** Records of one publisher and partition come in order: a probe that has come tells of all before it. */
  const settle = async () => {
    const probe = ++sent;
    for (let partition = 0; partition < partitionCount; partition++) {
      await until(() => {
        bus.publish(partition, probe, new Uint8Array(8));
        return new Promise((resolve) => setTimeout(() => resolve(heard[partition] === probe), 5));
      }, 'the probe never came');
    }
  };
  bus.onDecided((partition, offset) => {
    if (offset > firstProbe) heard[partition] = offset;
  });
  await settle();
  return { bus, errors, settle };
}

for (const cluster of [false, true]) {
  const kind = cluster ? 'a cluster' : 'one server';
  describe(`RedisBus on ${kind}`, needsRedis, () => {
    let redis: OwnRedis;
    before(async () => {
      redis = await startOwnRedis({ cluster });
    });
    after(() => redis.stop());

    testBusContract(`RedisBus (${kind})`, async () => {
      const { bus, errors, settle } = await openBus(redis, cluster);
      // What tests the contract counts listeners and offsets: it must not see the probes.
      const shown = Object.create(bus, {
        publish: { value: bus.publish.bind(bus) },
        onDecided: {
          value: (listener: Parameters<RedisBus['onDecided']>[0]) =>
            bus.onDecided((partition, offset, record) => {
              if (offset <= firstProbe) listener(partition, offset, record);
            }),
        },
      }) as RedisBus;
      return { bus: shown, errors, settle, close: async () => bus.close() };
    });
  });
}

describe('RedisBus without Redis', needsRedis, () => {
  it('lets records go at once, counts them, and goes on when Redis is back', async () => {
    const redis = await startOwnRedis();
    const { bus, settle, errors } = await openBus(redis, false);
    try {
      await redis.kill();
      await until(() => {
        bus.publish(0, 1, new Uint8Array(8));
        return bus.dropped > 0;
      }, 'nothing was let go');
      await until(() => errors.length > 0, 'nobody was told');
      assert.equal((errors[0] as { id?: string }).id, 'engine-redis-unavailable');
      await redis.restart();
      await settle();
    } finally {
      bus.close();
      await redis.stop();
    }
  });

  it('holds no more than its limit while Redis is frozen', async () => {
    const redis = await startOwnRedis();
    const options = { servers: { addresses: redis.addresses }, onError: () => {} };
    const bus = await RedisBus.open({
      ...options,
      logId: 'frozen',
      partitionCount,
      publishMaxBytes: 4_096,
    });
    try {
      await until(() => {
        const before = bus.dropped;
        bus.publish(0, 1, new Uint8Array(8));
        return bus.dropped === before;
      }, 'it never connected');
      redis.freeze();
      const before = bus.dropped;
      for (let record = 0; record < 100; record++) bus.publish(0, record, new Uint8Array(1_000));
      assert.ok(bus.dropped - before >= 96);
    } finally {
      redis.wake();
      bus.close();
      await redis.stop();
    }
  });
});

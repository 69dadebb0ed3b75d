import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChaosCluster } from '../cluster/chaos-cluster.ts';
import type { Fault } from './fault-plan.ts';
import { FaultRunner } from './fault-runner.ts';

const freeze: Fault = {
  ...{ kind: 'redis-freeze', target: '', parts: ['redis'], choice: 0 },
  ...{ afterMs: 0, overlaps: true, forMs: 1 },
};
const forever = new AbortController().signal;

/** As much of a cluster as these faults touch. */
function redisOnly(wake: () => void): { readonly cluster: ChaosCluster; readonly done: string[] } {
  const done: string[] = [];
  const redis = {
    freeze: () => done.push('freeze'),
    wake: () => {
      done.push('wake');
      wake();
    },
  };
  return { cluster: { redis } as unknown as ChaosCluster, done };
}

test('each fault is healed before another one works on the same part', async () => {
  const { cluster, done } = redisOnly(() => {});
  const runner = new FaultRunner(cluster, () => {});
  await runner.run([freeze, freeze, freeze], forever);
  assert.deepEqual(done, ['freeze', 'wake', 'freeze', 'wake', 'freeze', 'wake']);
  assert.ok(runner.done.every(({ to }) => to !== undefined));
});

test('what cannot be healed ends the run, and is told', async () => {
  const { cluster, done } = redisOnly(() => {
    throw new Error('it stays asleep');
  });
  const runner = new FaultRunner(cluster, () => {});
  await assert.rejects(
    runner.run([freeze, freeze], forever),
    /redis-freeze could not be done or healed: it stays asleep/,
  );
  assert.deepEqual(done, ['freeze', 'wake']);
});

test('what lasts when the time is over is healed', async () => {
  const { cluster, done } = redisOnly(() => {});
  const time = new AbortController();
  const runner = new FaultRunner(cluster, () => time.abort());
  await runner.run([{ ...freeze, forMs: 3_600_000 }, freeze], time.signal);
  assert.deepEqual(done, ['freeze', 'wake']);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CodedError } from '../../coded-error.ts';
import { EventQueue } from '../../simulator/event-queue.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { SimulatedClock } from '../../simulator/simulated-clock.ts';
import { contractPlan } from '../coordinator-contract/coordinator-harness.contract.ts';
import { openSimulatedCoordinator } from './simulated-coordination.ts';
import { SimulatedTreeService } from './simulated-tree-service.ts';

/*
 * Aim: a node whose clock is wrong is refused by name and leaves nothing, and a right one never is, however
 * late the answers come or whatever of them is lost.
 */
const member = { address: '', roles: [], release: '1', zone: '', capacity: 1 };

/** What a node with such a clock is told when it joins, and what is left then. */
function joined(skewMs: number, seed: number, clockSkewMaxMs?: number) {
  const queue = new EventQueue();
  const service = new SimulatedTreeService(queue, new SeededRandom(seed));
  Object.assign(service.faults, { delayMaxMs: 1_500, answerLossChance: 0.2 });
  const clock = new SimulatedClock(queue, { ms: skewMs }, () => true);
  const node = { service, node: 'a', clock, plan: contractPlan, instance: 'life' };
  const coordinator = openSimulatedCoordinator({
    ...node,
    ...(clockSkewMaxMs === undefined ? {} : { clockSkewMaxMs }),
  });
  let told: { readonly error: Error | undefined } | undefined;
  coordinator.join({ ...member, nodeId: 'a' }, (error) => {
    told = { error };
  });
  while (!told) assert.ok(queue.now < 600_000 && queue.step());
  const end = queue.now + 60_000;
  while ((queue.nextAt ?? end) < end) queue.step();
  return { error: told.error as CodedError | undefined, paths: service.paths() };
}

suite('the clock of a node', () => {
  test('is refused when it is off, ahead or behind, and nothing of the node is left', () => {
    for (const [skewMs, says] of [
      [60_000, /node a is \d+ ms ahead of that of .*; 2000 ms are permitted/],
      [-60_000, /node a is \d+ ms behind that of/],
    ] as const) {
      const { error, paths } = joined(skewMs, 1, 2_000);
      assert.equal(error?.id, 'veltrix-node-clock-skew');
      assert.match(error.message, says);
      assert.deepEqual(paths.toSorted(), ['/config', '/loads', '/members', '/plan']);
    }
  });

  test('is taken when it is right, whatever becomes of the answers, and where nobody asks', () => {
    for (let seed = 1; seed <= 200; seed++) {
      for (const skewMs of [0, 1_900, -1_900]) {
        assert.equal(joined(skewMs, seed, 2_000).error, undefined, `seed ${seed}, ${skewMs} ms`);
      }
    }
    assert.equal(joined(60_000, 1).error, undefined);
  });
});

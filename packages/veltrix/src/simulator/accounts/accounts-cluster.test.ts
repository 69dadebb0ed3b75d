import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterResult } from '../cluster/cluster-world.ts';
import { Trace } from '../trace.ts';
import { runAccountsCluster } from './run-accounts-cluster.ts';

function runSeed(seed: number): ClusterResult {
  try {
    return runAccountsCluster(seed, new Trace(false));
  } catch (error) {
    throw new Error(`seed ${seed} fails; npm run sim:cluster -- --seed ${seed}`, { cause: error });
  }
}

describe('the accounts application in simulated clusters', () => {
  test('keeps every promise', () => {
    const results = Array.from({ length: 60 }, (_, seed) => runSeed(seed + 1));
    const sum = (of: (result: ClusterResult) => number) =>
      results.reduce((total, result) => total + of(result), 0);
    // The worlds are worth something only when owners change and get into each other's way.
    assert.ok(sum(({ owners }) => owners) > 60 * 4);
    assert.ok(sum(({ fenced }) => fenced) > 10);
    assert.ok(sum(({ dropped }) => dropped) > 100);
  });

  test('is the same world for the same seed', () => {
    for (const seed of [3, 14, 59]) assert.deepEqual(runSeed(seed), runSeed(seed));
  });
});

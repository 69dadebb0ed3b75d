import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorldResult } from '../simulated-world.ts';
import { Trace } from '../trace.ts';
import { runAccountsWorld } from './run-accounts-world.ts';

function runSeed(seed: number): WorldResult {
  try {
    return runAccountsWorld(seed, new Trace(false));
  } catch (error) {
    throw new Error(`seed ${seed} fails`, { cause: error });
  }
}

describe('the accounts application in simulated worlds', () => {
  test('keeps every promise', () => {
    const results = Array.from({ length: 150 }, (_, seed) => runSeed(seed + 1));
    // The worlds are worth something only when most of them do much and survive it.
    assert.ok(results.filter(({ end }) => end === 'healed').length > 120);
    assert.ok(results.filter(({ starts }) => starts > 3).length > 50);
  });

  test('is the same world for the same seed', () => {
    for (const seed of [1, 7, 40]) assert.deepEqual(runSeed(seed), runSeed(seed));
  });
});

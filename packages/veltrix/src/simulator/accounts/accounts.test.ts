import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorldResult } from '../simulated-world.ts';
import { Trace } from '../trace.ts';
import { runAccountsWorld } from './run-accounts-world.ts';

async function runSeed(seed: number): Promise<WorldResult> {
  try {
    return await runAccountsWorld(seed, new Trace(false));
  } catch (error) {
    throw new Error(`seed ${seed} fails`, { cause: error });
  }
}

describe('the accounts application in simulated worlds', () => {
  test('keeps every promise', async () => {
    const results: WorldResult[] = [];
    for (let seed = 1; seed <= 150; seed++) results.push(await runSeed(seed));
    // The worlds are worth something only when most of them do much and survive it.
    assert.ok(results.filter(({ end }) => end === 'healed').length > 120);
    assert.ok(results.filter(({ starts }) => starts > 3).length > 50);
  });

  test('is the same world for the same seed', async () => {
    for (const seed of [1, 7, 40]) assert.deepEqual(await runSeed(seed), await runSeed(seed));
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teamsPerSecond } from './crowd-curve.ts';

test('a crowd comes slowly, rises, stays, falls, and leaves time for what is taken away', () => {
  const curve = { least: 1, most: 5, durationMs: 100_000 };
  const rates = [0, 10, 20, 30, 49, 50, 52.5, 55, 99].map((second) =>
    Number(teamsPerSecond(curve, second * 1_000).toFixed(3)),
  );
  assert.deepEqual(rates, [1, 1, 3, 5, 5, 5, 3, 1, 1]);
});

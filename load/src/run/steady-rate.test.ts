import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadRecord } from '../generator/load-record.ts';
import { steadyRate } from './steady-rate.ts';

/** Slices of a quarter second with so many answers each. */
function recordOf(...done: readonly number[]): LoadRecord {
  const record = LoadRecord.forDuration(1_000);
  for (const [index, answers] of done.entries()) {
    record.slice(index * record.sliceMs).done = answers;
    record.decided += answers;
  }
  return record;
}

test('what is answered after the load has ended, and while it begins, does not count', () => {
  assert.equal(steadyRate(recordOf(10, 100, 100, 100, 90, 0, 0, 5), 1_000), 400);
  // A slice that is cut short does not either.
  assert.equal(steadyRate(recordOf(10, 100, 100, 100, 3), 1_100), 400);
  // Nothing was answered any more while the load went on: that counts.
  assert.equal(steadyRate(recordOf(100, 100), 1_250), 100);
});

test('a load too short for slices has all its answers counted', () => {
  assert.equal(steadyRate(recordOf(30, 20), 250), 200);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartitionFreshness } from './partition-freshness.ts';

test('what has to be given again is not fresh before all of it is shown once more', () => {
  const freshness = new PartitionFreshness();
  freshness.caughtUp(9, 1_000);
  assert.equal(freshness.at(9, 2_000), 2_000);
  freshness.behind();
  assert.equal(freshness.at(9, 3_000), 2_000);
  freshness.lost();
  assert.equal(freshness.at(1, 4_000), undefined);
  freshness.caughtUp(9, 5_000);
  assert.equal(freshness.at(8, 6_000), undefined);
  assert.equal(freshness.at(9, 7_000), 7_000);
});

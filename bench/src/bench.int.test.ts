import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testBenches } from './bench.contract.ts';
import { median } from './bench.ts';

testBenches('working');

test('takes the middle of several runs', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 2, 9]), 3);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankShift } from './rank-shift.ts';

test('the interval is as wide as the tables of Mann and Whitney say', () => {
  const others = [0, 0, 0, 0, 0].map((_, index) => index / 100);
  // Five and five at 5 %: U may be 2 at most, so the third smallest difference bounds it; at 1 % U may be 0.
  const values = others.map((other) => other * 100);
  const differences = values.flatMap((value) => others.map((other) => value - other));
  differences.sort((one, other) => one - other);
  const at = (error: number) => rankShift(values, others, error);
  assert.deepEqual([at(0.05).least, at(0.05).most], [differences[2], differences.at(-3)]);
  assert.deepEqual([at(0.01).least, at(0.01).most], [differences[0], differences.at(-1)]);
  assert.equal(at(0.05).estimate, differences[12]);
});

test('too few values bound nothing, and none are no shift', () => {
  // Two and three: of ten orders one has all on one side, which is more than 5 %.
  assert.deepEqual(rankShift([8, 9], [1, 2, 3], 0.05), {
    ...{ estimate: 6.5, least: -Infinity, most: Infinity },
  });
  assert.deepEqual(rankShift([], [1], 0.05), { estimate: 0, least: -Infinity, most: Infinity });
});

test('one value that is far off moves the estimate little', () => {
  const others = [1, 2, 3, 4, 5, 6, 7, 8];
  const { estimate, least } = rankShift([11, 12, 13, 14, 1_000], others, 0.05);
  assert.ok(estimate > 7 && estimate < 10, `${estimate}`);
  assert.ok(least > 0);
});

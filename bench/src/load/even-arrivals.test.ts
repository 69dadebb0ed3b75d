import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EvenArrivals } from './even-arrivals.ts';

const dues = (arrivals: EvenArrivals) => [...{ [Symbol.iterator]: () => arrivals }];

test('as many as the rate says are due, each at its time', () => {
  const all = dues(new EvenArrivals(200, 20));
  assert.deepEqual(all, [
    { number: 0, dueMs: 0 },
    { number: 1, dueMs: 5 },
    { number: 2, dueMs: 10 },
    { number: 3, dueMs: 15 },
  ]);
  assert.equal(new EvenArrivals(3, 1_001).count, 4);
});

test('those that are due by a time are passed over and counted, and none twice', () => {
  const arrivals = new EvenArrivals(200, 1_000);
  assert.equal(arrivals.skip(5), 2);
  assert.equal(arrivals.skip(5), 0);
  assert.equal(arrivals.skip(2), 0);
  assert.deepEqual(arrivals.next().value, { number: 2, dueMs: 10 });
  assert.equal(arrivals.skip(5_000), 197);
  assert.equal(arrivals.next().done, true);
  assert.equal(arrivals.skip(9_000), 0);
});

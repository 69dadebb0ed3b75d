import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BacklogAge } from './backlog-age.ts';

test('the age is that of the oldest that waits', () => {
  const age = new BacklogAge();
  assert.equal(age.ageMs(0, 50), 0);
  age.reached(10, 1_000);
  age.reached(20, 2_000);
  assert.equal(age.ageMs(5, 3_000), 2_000);
  assert.equal(age.ageMs(10, 3_000), 1_000);
  assert.equal(age.ageMs(20, 3_000), 0);
  // What comes after a time without a backlog is new.
  age.reached(25, 9_000);
  assert.equal(age.ageMs(20, 9_500), 500);
});

test('a backlog of any length has its age, to a thirtieth', () => {
  const age = new BacklogAge();
  const count = 100_000;
  for (let n = 1; n <= count; n++) age.reached(n, n * 20);
  const now = count * 20;
  assert.equal(age.ageMs(0, now), now - 20);
  const share = age.ageMs(count / 2, now) / (now / 2);
  assert.ok(share >= 1 && share < 1 + 2 / 30, `${share}`);
  assert.equal(age.ageMs(count, now), 0);
});

test('the last of a burst has an age, too', () => {
  const age = new BacklogAge();
  age.reached(1, 1_000);
  age.reached(2, 1_050);
  assert.equal(age.ageMs(1, 5_000), 4_000);
  assert.equal(age.ageMs(2, 5_000), 0);
});

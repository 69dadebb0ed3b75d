import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { currentDeadline, Deadline, withDeadline } from './deadline.ts';

suite('a deadline', () => {
  test('passes, and then nothing is left', () => {
    const now = performance.now();
    const past = Deadline.after(10, now - 11);
    assert.equal(past.hasPassed, true);
    assert.equal(past.remainingMs, 0);
    const ahead = Deadline.after(60_000, now);
    assert.equal(ahead.hasPassed, false);
    assert.ok(ahead.remainingMs > 0 && ahead.remainingMs <= 60_000);
  });

  test('travels with the work that it was set for, and with no other', async () => {
    const found = async () => {
      await wait(1);
      return currentDeadline();
    };
    const [one, other] = [Deadline.after(1_000), Deadline.after(2_000)];
    const both = await Promise.all([
      withDeadline(one, found),
      withDeadline(other, () => Promise.all([found(), withDeadline(one, found)])),
      found(),
    ]);
    assert.deepEqual(both, [one, [other, one], undefined]);
  });
});

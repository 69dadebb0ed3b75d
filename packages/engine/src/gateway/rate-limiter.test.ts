import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodedError } from 'veltrix';
import { RateLimiter } from './rate-limiter.ts';

const start = 1_800_000_000_000;

function secondsToWait(limiter: RateLimiter, count: number, now: number): number | undefined {
  try {
    limiter.take('player', count, now);
    return undefined;
  } catch (error) {
    assert.equal((error as CodedError).id, 'engine-rate-limited');
    return (error as CodedError).details['seconds'] as number;
  }
}

test('a burst at once, then the rate', () => {
  const limiter = new RateLimiter(10, 30, 100);
  for (let count = 0; count < 30; count++) limiter.take('player', 1, start);
  assert.equal(secondsToWait(limiter, 1, start), 0.1);
  assert.equal(secondsToWait(limiter, 1, start + 100), undefined);
  assert.equal(secondsToWait(limiter, 1, start + 100), 0.1);
  assert.equal(limiter.limited, 2);
  limiter.take('another', 30, start);
});

test('what is larger than a burst waits for a full bucket and is paid off afterwards', () => {
  const limiter = new RateLimiter(10, 30, 100);
  limiter.take('player', 100, start);
  assert.equal(secondsToWait(limiter, 1, start), 7.1);
  assert.equal(secondsToWait(limiter, 1, start + 7_100), undefined);
  assert.equal(secondsToWait(limiter, 100, start + 7_100), 3);
});

test('a clock that jumps back gives nothing and takes nothing', () => {
  const limiter = new RateLimiter(10, 1, 100);
  limiter.take('player', 1, start);
  assert.equal(secondsToWait(limiter, 1, start - 60_000), 0.1);
  assert.equal(secondsToWait(limiter, 1, start - 60_000 + 100), undefined);
});

test('another rate and burst count at once, also for those who are known', () => {
  const limiter = new RateLimiter(10, 30, 100);
  limiter.take('player', 1, start);
  limiter.change(1, 2);
  limiter.take('player', 2, start);
  assert.equal(secondsToWait(limiter, 1, start), 1);
  limiter.change(100, 50);
  assert.equal(secondsToWait(limiter, 10, start + 100), undefined);
});

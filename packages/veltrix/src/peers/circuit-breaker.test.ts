import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CircuitBreaker } from './circuit-breaker.ts';

const settings = { failuresMax: 3, openMs: 100, openMaxMs: 350 };

function openedAt(now: number): CircuitBreaker {
  const breaker = new CircuitBreaker(settings);
  for (let failure = 0; failure < settings.failuresMax; failure++) breaker.failed(now);
  return breaker;
}

suite('a circuit breaker', () => {
  test('opens with failures in a row, and an answer in between begins the count anew', () => {
    const breaker = new CircuitBreaker(settings);
    for (const failure of [1, 2]) breaker.failed(failure);
    breaker.succeeded();
    for (const failure of [3, 4]) breaker.failed(failure);
    assert.equal(breaker.enter(5), true);
    breaker.failed(5);
    assert.equal(breaker.isOpen, true);
    assert.equal(breaker.enter(6), false);
    assert.equal(breaker.waitMs(6), 99);
  });

  test('lets one probe through when its time is over, which closes it', () => {
    const breaker = openedAt(0);
    assert.equal(breaker.enter(99), false);
    assert.equal(breaker.enter(100), true);
    assert.equal(breaker.enter(101), false);
    breaker.succeeded();
    assert.equal(breaker.enter(102), true);
    assert.equal(breaker.enter(102), true);
    // Closed, it has forgotten what was.
    for (const failure of [103, 104]) breaker.failed(failure);
    assert.equal(breaker.isOpen, false);
  });

  test('is open for twice as long after each probe that fails, up to the most', () => {
    const breaker = openedAt(0);
    let now = 0;
    for (const waited of [100, 200, 350, 350]) {
      now += waited;
      assert.equal(breaker.enter(now - 1), false, `at ${now - 1}`);
      assert.equal(breaker.enter(now), true, `at ${now}`);
      breaker.failed(now);
    }
  });

  test('a probe whose caller gives up lets the next one through', () => {
    const breaker = openedAt(0);
    assert.equal(breaker.enter(100), true);
    breaker.abandoned();
    assert.equal(breaker.isOpen, true);
    assert.equal(breaker.enter(101), true);
    breaker.succeeded();
    assert.equal(breaker.isOpen, false);
  });

  test('while it is open, what comes of calls of before changes nothing', () => {
    const breaker = openedAt(0);
    breaker.failed(90);
    breaker.succeeded();
    assert.equal(breaker.waitMs(90), 10);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RetryBudget } from './retry-budget.ts';

suite('a retry budget', () => {
  test('allows a share of what is asked, however many try again', () => {
    const budget = new RetryBudget(() => ({ perRequest: 0.2, perSecond: 0, most: 10 }), 0);
    let allowed = 0;
    for (let request = 0; request < 1_000; request++) {
      budget.asked();
      for (let again = 0; again < 5; again++) if (budget.tryAgain(0)) allowed += 1;
    }
    assert.ok(allowed >= 200 && allowed <= 210, `${allowed} retries`);
    assert.deepEqual(budget.counts, { requests: 1_000, allowed, withheld: 5_000 - allowed });
  });

  test('where little is asked there are some a second, saved up to a bound', () => {
    const budget = new RetryBudget(() => ({ perRequest: 0, perSecond: 2, most: 3 }), 0);
    const burst = (now: number) => [1, 2, 3, 4, 5].filter(() => budget.tryAgain(now)).length;
    assert.equal(burst(0), 3);
    assert.equal(burst(499), 0);
    assert.equal(burst(1_000), 2);
    assert.equal(burst(60_000), 3);
    assert.equal(burst(0), 0, 'a clock that goes back pays nothing');
  });

  test('another setting holds from the next question on', () => {
    let perRequest = 0;
    const budget = new RetryBudget(() => ({ perRequest, perSecond: 0, most: 1 }), 0);
    assert.equal(budget.tryAgain(0), true);
    budget.asked();
    assert.equal(budget.tryAgain(0), false);
    perRequest = 1;
    budget.asked();
    assert.equal(budget.tryAgain(0), true);
  });
});

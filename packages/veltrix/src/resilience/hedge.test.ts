import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Hedge } from './hedge.ts';

suite('a hedge', () => {
  test('asks nobody twice before it knows what is slow, then after 19 of 20 would have answered', () => {
    const hedge = new Hedge(() => ({ share: 0.05, delayLeastMs: 1 }), 0);
    assert.equal(hedge.asked(), undefined);
    for (let call = 1; call <= 100; call++) hedge.answered(call % 20 === 0 ? 500 : 10);
    assert.equal(hedge.asked(), 10);
    for (let call = 1; call <= 128; call++) hedge.answered(30);
    assert.equal(hedge.asked(), 30);
  });

  test('never sooner than it may', () => {
    const hedge = new Hedge(() => ({ share: 0.05, delayLeastMs: 25 }), 0);
    for (let call = 0; call < 32; call++) hedge.answered(1);
    assert.equal(hedge.asked(), 25);
  });

  test('adds no more load than its share, also when everything is slow', () => {
    const hedge = new Hedge(() => ({ share: 0.05, delayLeastMs: 1 }), 0);
    let second = 0;
    for (let call = 0; call < 10_000; call++) {
      hedge.asked();
      if (hedge.allows(0)) second += 1;
    }
    assert.ok(second >= 500 && second <= 511, `${second}`);
    assert.equal(hedge.withheld, 10_000 - second);
  });

  test('a share of 0 switches it off', () => {
    let share = 0.05;
    const hedge = new Hedge(() => ({ share, delayLeastMs: 1 }), 0);
    for (let call = 0; call < 32; call++) hedge.answered(1);
    share = 0;
    assert.equal(hedge.asked(), undefined);
    assert.equal(hedge.allows(0), false);
  });
});

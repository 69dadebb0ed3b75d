import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { GradientLimit } from './gradient-limit.ts';

const settings = { least: 4, most: 500, first: 20 };

/** Something that works on `parallel` calls at once, each for `serviceMs`; as many callers as the limit lets in. */
function play(limit: GradientLimit, parallel: number, serviceMs: number, calls: number): number {
  let slowest = 0;
  for (let call = 0; call < calls; call++) {
    const inflight = limit.limit;
    const tookMs = serviceMs * Math.max(1, inflight / parallel);
    slowest = tookMs;
    limit.answered(tookMs, inflight);
  }
  return slowest;
}

suite('a gradient limit', () => {
  test('grows while calls take as long as ever, up to the most', () => {
    const limit = new GradientLimit(() => settings);
    play(limit, 10_000, 5, 2_000);
    assert.equal(limit.limit, 500);
  });

  test('stays near what the other side works on at once, instead of filling a queue there', () => {
    const limit = new GradientLimit(() => settings);
    play(limit, 50, 5, 100);
    const tookMs = play(limit, 50, 5, 3_000);
    assert.ok(limit.limit >= 40 && limit.limit <= 130, `${limit.limit}`);
    assert.ok(tookMs < 5 * 3, `${tookMs} ms`);
  });

  test('falls when it gets slow, and comes back', () => {
    const limit = new GradientLimit(() => settings);
    play(limit, 200, 5, 1_000);
    const before = limit.limit;
    play(limit, 200, 80, 40);
    assert.ok(limit.limit < before / 3, `${before} to ${limit.limit}`);
    play(limit, 200, 5, 1_000);
    assert.ok(limit.limit > before / 2, `back to ${limit.limit}`);
  });

  test('falls to the least when nothing is answered', () => {
    const limit = new GradientLimit(() => settings);
    for (let call = 0; call < 50; call++) limit.failed();
    assert.equal(limit.limit, 4);
  });

  test('does not grow by what nobody needs', () => {
    const limit = new GradientLimit(() => settings);
    for (let call = 0; call < 1_000; call++) limit.answered(5, 1);
    assert.equal(limit.limit, 20);
  });

  test('keeps to settings that change', () => {
    let most = 500;
    const limit = new GradientLimit(() => ({ ...settings, most }));
    play(limit, 10_000, 5, 2_000);
    most = 7;
    assert.equal(limit.limit, 7);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LatencyHistogram } from './latency-histogram.ts';

describe('latency histogram', () => {
  it('gives quantiles within the width of a bucket', () => {
    const histogram = new LatencyHistogram();
    for (let ms = 1; ms <= 1_000; ms++) histogram.add(ms);
    for (const [share, ms] of [
      [0.5, 500],
      [0.99, 990],
      [1, 1_000],
    ] as const) {
      const quantile = histogram.quantile(share);
      assert.ok(quantile >= ms && quantile <= ms * 1.012, `${share}: ${quantile}`);
    }
  });

  it('has nothing to say of nothing, and holds what is out of its range', () => {
    const histogram = new LatencyHistogram();
    assert.equal(histogram.quantile(0.99), 0);
    histogram.add(0);
    histogram.add(1e12);
    assert.equal(histogram.count, 2);
    assert.ok(histogram.quantile(1) > 900_000);
  });
});

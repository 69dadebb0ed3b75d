import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LatencyHistogram } from './latency-histogram.ts';

const latency = fc.double({ min: 0.001, max: 4_000_000, noNaN: true });
const histogramOf = (values: readonly number[]) => {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

test('every quantile is that of the values, to 0.8 % and a microsecond', () => {
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const sorted = values.toSorted((one, other) => one - other);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
        const shown = histogramOf(values).quantile(share);
        assert.ok(shown >= exact - 0.001 && shown <= exact * 1.008 + 0.001, `${shown} ${exact}`);
      },
    ),
    { numRuns: 200 },
  );
});

test('parts add up to the whole, also as JSON', () => {
  fc.assert(
    fc.property(fc.array(latency), fc.array(latency), (one, other) => {
      const whole = histogramOf([...one, ...other]);
      const sum = histogramOf(one);
      sum.add(LatencyHistogram.fromJSON(JSON.parse(JSON.stringify(histogramOf(other)))));
      assert.deepEqual(JSON.parse(JSON.stringify(sum)), JSON.parse(JSON.stringify(whole)));
      assert.equal(sum.count, one.length + other.length);
      assert.equal(sum.quantile(0.9), whole.quantile(0.9));
    }),
    { numRuns: 100 },
  );
});

test('the ends of the scale, nothing, and many at once', () => {
  const empty = new LatencyHistogram();
  assert.deepEqual(
    [empty.quantile(0.99), empty.meanMs, empty.longestMs, empty.count],
    [0, 0, 0, 0],
  );
  const ends = histogramOf([0, 1e12]);
  assert.equal(ends.quantile(0), 0.001);
  assert.equal(ends.longestMs, (2 ** 32 - 1) / 1_000);
  assert.equal(ends.quantile(1), ends.longestMs);
  const many = new LatencyHistogram();
  many.record(5, 99);
  many.record(100, 1);
  assert.deepEqual([many.count, many.quantile(0.99), many.meanMs], [100, 5.023, 5.95]);
});

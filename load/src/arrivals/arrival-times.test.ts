import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Phase } from '../scenario/scenario.ts';
import { curveOf } from './arrival-curve.ts';
import { arrivalTimes } from './arrival-times.ts';
import { seededRandom } from './seeded-random.ts';

const phase: fc.Arbitrary<Phase> = fc.record({
  curve: fc.constantFrom('steady', 'ramp', 'opening', 'drop', 'last-minute'),
  durationMs: fc.integer({ min: 100, max: 60_000 }),
  rate: fc.double({ min: 0, max: 200, noNaN: true }),
  peak: fc.double({ min: 0, max: 1_000, noNaN: true }),
  counts: fc.boolean(),
});
const phases = fc.array(phase, { minLength: 1, maxLength: 4 });
const totalOf = (list: readonly Phase[]) =>
  list.map(curveOf).reduce((sum, { arrivalsBy, durationMs }) => sum + arrivalsBy(durationMs), 0);
const endOf = (list: readonly Phase[]) => list.reduce((sum, { durationMs }) => sum + durationMs, 0);

test('what arrives in even spacing is the integral of the curve, at every moment', () => {
  fc.assert(
    fc.property(phases, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
      const times = [...arrivalTimes(list, 'even', Math.random)];
      assert.ok(Math.abs(times.length - totalOf(list)) <= 1.001, `${times.length}`);
      // Within the phase that holds this share of the time, too.
      let moment = endOf(list) * share;
      const before = times.filter((time) => time < moment).length;
      let expected = 0;
      for (const one of list) {
        const part = Math.min(Math.max(0, moment), one.durationMs);
        expected += curveOf(one).arrivalsBy(part);
        moment -= one.durationMs;
      }
      assert.ok(Math.abs(before - expected) <= 1.001, `${before} of ${expected}`);
    }),
    { numRuns: 60 },
  );
});

test('times never fall, and lie within the phases', () => {
  fc.assert(
    fc.property(phases, fc.integer(), (list, seed) => {
      const times = [...arrivalTimes(list, 'poisson', seededRandom(seed))];
      const end = endOf(list);
      for (const [index, time] of times.entries()) {
        assert.ok(time >= (times[index - 1] ?? 0) && time <= end);
      }
    }),
    { numRuns: 40 },
  );
});

test('the integral is that of the rate', () => {
  fc.assert(
    fc.property(phase, (one) => {
      const { arrivalsBy, rateAt, durationMs } = curveOf(one);
      const slices = 4_000;
      let sum = 0;
      for (let slice = 0; slice < slices; slice++) {
        sum += (rateAt(((slice + 0.5) / slices) * durationMs) * durationMs) / slices / 1_000;
      }
      const exact = arrivalsBy(durationMs);
      assert.ok(Math.abs(sum - exact) <= 0.002 * Math.max(1, exact), `${sum} ${exact}`);
      assert.equal(arrivalsBy(0), 0);
    }),
    { numRuns: 60 },
  );
});

test('a Poisson crowd has as many as the curve says, give or take the root, and its gaps', () => {
  const steady: Phase = {
    ...{ curve: 'steady', durationMs: 100_000, rate: 200, peak: 200, counts: true },
  };
  const times = [...arrivalTimes([steady], 'poisson', seededRandom(5))];
  assert.ok(Math.abs(times.length - 20_000) < 5 * Math.sqrt(20_000), `${times.length}`);
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  assert.ok(Math.abs(deviation / mean - 1) < 0.05, 'gaps vary as much as they last');
});

test('the same seed gives the same arrivals, another one others', () => {
  const drop: Phase = {
    ...{ curve: 'drop', durationMs: 5_000, rate: 10, peak: 500, counts: true },
  };
  const times = (seed: number) => [...arrivalTimes([drop], 'poisson', seededRandom(seed))];
  assert.deepEqual(times(1), times(1));
  assert.notDeepEqual(times(1), times(2));
});

test('each curve has its surge where its name says', () => {
  const shares = (curve: Phase['curve']) => {
    const { rateAt } = curveOf({ curve, durationMs: 1_000, rate: 10, peak: 110, counts: true });
    return [0, 150, 200, 500, 1_000].map((ms) => Math.round(rateAt(ms)));
  };
  assert.deepEqual(shares('steady'), [10, 10, 10, 10, 10]);
  assert.deepEqual(shares('ramp'), [10, 25, 30, 60, 110]);
  assert.deepEqual(shares('opening'), [110, 57, 47, 18, 11]);
  assert.deepEqual(shares('drop'), [10, 10, 110, 19, 10]);
  assert.deepEqual(shares('last-minute'), [10, 10, 11, 23, 110]);
});

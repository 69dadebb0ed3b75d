import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SteadyLoad, SteadyResult } from '@hunt/load';
import { searchCapacity } from './capacity-search.ts';
import { measureRequest, takenOf } from './request-cost.ts';
import type { ThreadSeconds } from './thread-seconds.ts';

interface MadeServer {
  /** Answers so many a second. */
  readonly takes: number;
  /** Microseconds of its threads for each. */
  readonly main?: number;
  readonly fold?: number;
  /** Rates at which it stalls, once each. */
  readonly stallsAt?: number[];
  /** The generator cannot send more. */
  readonly generatorMost?: number;
}

function server({
  takes,
  main = 0,
  fold = 0,

  stallsAt = [],
  generatorMost = 1e9,
}: MadeServer) {
  let decidedInAll = 0;
  const rates: number[] = [];
  const session = {
    async run({ perSecond, forMs }: SteadyLoad): Promise<SteadyResult> {
      rates.push(Math.round(perSecond));
      const seconds = forMs / 1_000;
      const [stall] = stallsAt.splice(0, stallsAt[0] === rates.length ? 1 : 0);
      const rate = Math.min(perSecond, stall === undefined ? takes : takes / 4);
      const decided = Math.round(rate * seconds);
      decidedInAll += decided;
      const failures = decided === 0 ? { 'engine-overloaded': 1 } : {};
      return {
        ...{ offered: Math.round(perSecond * seconds), decided, failures, p50Ms: 1 },
        perSecond: decided / seconds,
        ...{ p99Ms: 2, generatorBusy: 0, generatorCpuSeconds: 0, liveEvents: 0, slices: [] },
        isSaturated: perSecond > generatorMost,
      };
    },
  };
  const probe = {
    threads: (): ThreadSeconds => ({
      main: (decidedInAll * main) / 1e6,
      fold: (decidedInAll * fold) / 1e6,
      ...{ archive: 0, helpers: 0 },
    }),
    loggedBytes: async () => decidedInAll * 100,
  };
  return { target: { session, probe, rateMost: 10_000 }, rates, session };
}

const search = { mix: { claim: 1 }, from: 1_000, most: 10_000, stepMs: 1_000 };

test('a rate is raised until it is not followed; then a quarter more is offered than is taken', async () => {
  const { session, rates } = server({ takes: 2_000 });
  const { perSecond, limit } = await searchCapacity(session, search);
  assert.deepEqual([perSecond, limit], [2_000, 'server']);
  assert.deepEqual(rates, [1_000, 1_400, 1_960, 2_744, 2_500, 2_500, 2_500]);
});

test('one stall while it is measured changes nothing', async () => {
  const { session } = server({ takes: 2_000, stallsAt: [6] });
  assert.equal((await searchCapacity(session, search)).perSecond, 2_000);
});

test('one stall while the rate is raised does not end the search where it was', async () => {
  const { session, rates } = server({ takes: 2_000, stallsAt: [2] });
  assert.equal((await searchCapacity(session, search)).perSecond, 2_000);
  assert.deepEqual(rates, [1_000, 1_400, 1_250, 1_563, 1_954, 2_443, 2_500, 2_500]);
});

test('what ends a search is told: the most that was allowed, or the generator', async () => {
  const slow = server({ takes: 50_000, generatorMost: 3_000 });
  assert.equal((await searchCapacity(slow.session, search)).limit, 'generator');
  const fast = server({ takes: 50_000 });
  const { perSecond, limit } = await searchCapacity(fast.session, search);
  assert.deepEqual([perSecond, limit], [10_000, 'most']);
});

test('costs come by the request, measured a little below what is taken', async () => {
  const { target, rates } = server({ takes: 2_000, main: 250, fold: 50 });
  const times = { stepMs: 500, sliceMs: 1_000 };
  const cost = await measureRequest('progress', target, times);
  assert.deepEqual(rates.slice(-3), [1_800, 1_800, 1_800]);
  assert.ok(Math.abs(cost.main.median - 250) < 1, `${cost.main.median}`);
  assert.ok(Math.abs(cost.fold.median - 50) < 1, `${cost.fold.median}`);
  assert.deepEqual([cost.perSecond, cost.logBytes], [2_000, 100]);
});

test('what is never answered has no cost, and is an error by name', async () => {
  const { target } = server({ takes: 0 });
  await assert.rejects(takenOf({ claim: 1 }, target, 500), {
    id: 'sizing-calibration-failed',
    message:
      /Nothing of "claim" was answered: Of 500 arrivals none was answered: engine-overloaded/,
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KneeSearch, SteadyLoad, SteadyResult } from '@hunt/load';
import { kneeOf, measureRequest } from './request-cost.ts';
import type { ThreadSeconds } from './thread-seconds.ts';

/** A server that needs so many microseconds of its threads for each, and has its knee where it is told. */
function server({ main = 0, fold = 0, bytes = 100, knee }: Record<string, number | null>) {
  let decidedInAll = 0;
  const rates: number[] = [];
  const session = {
    async run({ perSecond, forMs }: SteadyLoad): Promise<SteadyResult> {
      rates.push(perSecond);
      const seconds = forMs / 1_000;
      const decided = Math.round(perSecond * seconds);
      decidedInAll += decided;
      return {
        ...{ offered: decided, decided, seconds, failures: {}, p50Ms: 1, p99Ms: 2 },
        ...{ generatorBusy: 0, generatorCpuSeconds: 0, isSaturated: false, liveEvents: 0 },
      };
    },
    async search({ p99Ms }: KneeSearch) {
      const sentence = `Not even 50/s holds: p99 is ${p99Ms + 1} ms.`;
      return { perSecond: knee!, breaksAt: null, limit: 'server', sentence, steps: [] } as const;
    },
  };
  const probe = {
    threads: (): ThreadSeconds => ({
      main: (decidedInAll * main!) / 1e6,
      fold: (decidedInAll * fold!) / 1e6,
      ...{ archive: 0, helpers: 0 },
    }),
    loggedBytes: async () => decidedInAll * bytes!,
  };
  return { target: { session, probe, p99Ms: 100, rateMost: 10_000 }, rates };
}

test('costs come by the request, measured a little below the knee', async () => {
  const { target, rates } = server({ main: 250, fold: 50, knee: 2_000 });
  const times = { stepMs: 500, sliceMs: 1_000 };
  const { cost, sent } = await measureRequest('progress', target, times, 100);
  assert.deepEqual(rates, [1_900, 1_900, 1_900]);
  assert.ok(Math.abs(cost.main.median - 250) < 1, `${cost.main.median}`);
  assert.ok(Math.abs(cost.fold.median - 50) < 1, `${cost.fold.median}`);
  assert.deepEqual([cost.perSecond, cost.logBytes, sent], [2_000, 100, 5_700]);
});

test('what holds at no rate has no cost, and is an error by name', async () => {
  const { target } = server({ knee: null });
  await assert.rejects(kneeOf({ claim: 1 }, target, 500, 100), {
    id: 'sizing-calibration-failed',
    message: /No rate of "claim" holds the objective: Not even 50\/s holds: p99 is 101 ms /,
  });
});

import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import { test } from 'node:test';
import type { SteadyLoad, SteadyResult } from '@hunt/load';
import { busyRate, measureRequest } from './request-cost.ts';
import type { ThreadSeconds } from './thread-seconds.ts';

/** A server that needs so many microseconds of its threads for each, and decides what its main thread has time for. */
function server({ main, fold = 0, bytes = 100 }: { main: number; fold?: number; bytes?: number }) {
  let decidedInAll = 0;
  const rates: number[] = [];
  const session = {
    async run({ perSecond, forMs }: SteadyLoad): Promise<SteadyResult> {
      rates.push(perSecond);
      const seconds = forMs / 1_000;
      const offered = Math.round(perSecond * seconds);
      const decided = Math.min(offered, Math.floor((seconds * 1e6) / main));
      decidedInAll += decided;
      const failures: Record<string, number> =
        decided < offered ? { 'engine-overloaded': offered - decided } : {};
      return {
        ...{ offered, decided, seconds, failures, p50Ms: 1, p99Ms: 2, liveEvents: 0 },
        ...{ generatorBusy: 0, generatorCpuSeconds: 0, isSaturated: false },
      };
    },
  };
  const probe = {
    threads: (): ThreadSeconds => ({
      main: (decidedInAll * main) / 1e6,
      fold: (decidedInAll * fold) / 1e6,
      ...{ archive: 0, helpers: 0 },
    }),
    loggedBytes: async () => decidedInAll * bytes,
  };
  return { session, probe, rates };
}

test('the rate rises, by a few times at most, until the fullest thread is busy and not full', async () => {
  for (const main of [20, 200, 2_000]) {
    const { session, probe, rates } = server({ main });
    const { perSecond } = await busyRate({ claim: 1 }, { session, probe }, 1_000, 100);
    const busy = (perSecond * main) / 1e6;
    assert.ok(busy > 0.5 && busy <= 0.95, `${main}: ${busy}, tried ${rates}`);
    for (const [index, rate] of rates.slice(1).entries()) assert.ok(rate / rates[index]! < 6.1);
  }
});

test('a rate that is too much is left behind', async () => {
  const { session, probe } = server({ main: 5_000 });
  const { perSecond } = await busyRate({ claim: 1 }, { session, probe }, 1_000, 2_000);
  assert.ok(perSecond <= 260, `${perSecond}`);
});

test('costs come by the request, whatever the rate', async () => {
  const { session, probe } = server({ main: 250, fold: 50 });
  const times = { probeMs: 500, sliceMs: 1_000 };
  const { cost, sent } = await measureRequest('progress', { session, probe }, times, 100);
  assert.ok(Math.abs(cost.main.median - 250) < 1, `${cost.main.median}`);
  assert.ok(Math.abs(cost.fold.median - 50) < 1, `${cost.fold.median}`);
  assert.ok(cost.main.low <= cost.main.median && cost.main.median <= cost.main.high);
  assert.ok(cost.logBytes <= 100 && cost.logBytes > 90, `${cost.logBytes}`);
  assert.ok(sent > cost.perSecond * 3, `${sent}`);
  assert.ok(cost.perSecond < (cpus().length * 1e6) / 250);
});

test('what is never decided has no cost, and is an error by name', async () => {
  const { session, probe } = server({ main: 1e9 });
  await assert.rejects(busyRate({ claim: 1 }, { session, probe }, 1_000, 50), {
    id: 'sizing-calibration-failed',
    message: /"claim" was not decided: 0 of 50 arrivals \(engine-overloaded 50\)/,
  });
});

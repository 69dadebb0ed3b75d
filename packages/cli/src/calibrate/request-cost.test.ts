import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SteadyLoad, SteadyResult } from '@hunt/load';
import { highestRate, measureRequest } from './request-cost.ts';
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

const p99Ms = 100;

test('the rate rises, by a few times at most, to the highest that is followed', async () => {
  for (const main of [20, 200, 2_000]) {
    const { session, probe, rates } = server({ main });
    const target = { session, probe, p99Ms };
    const { perSecond } = await highestRate({ claim: 1 }, target, 1_000, 100);
    const full = 1e6 / main;
    // A machine beyond any that we know is not looked for to its end.
    const wanted = Math.min(full, 100 * 3 ** 7);
    assert.ok(perSecond <= full * 1.05 && perSecond >= wanted / 1.6, `${main}: ${rates}`);
    for (const [index, rate] of rates.slice(1).entries()) assert.ok(rate / rates[index]! < 3.1);
  }
});

test('a rate that is too much is left behind', async () => {
  const { session, probe } = server({ main: 5_000 });
  const target = { session, probe, p99Ms };
  const { perSecond } = await highestRate({ claim: 1 }, target, 1_000, 2_000);
  assert.ok(perSecond <= 210 && perSecond > 120, `${perSecond}`);
});

test('answers that come too late are not followed', async () => {
  const { session, probe } = server({ main: 20 });
  const target = { session, probe, p99Ms: 1 };
  assert.equal((await highestRate({ claim: 1 }, target, 1_000, 2_000)).perSecond, 50);
});

test('costs come by the request, whatever the rate', async () => {
  const { session, probe } = server({ main: 250, fold: 50 });
  const times = { probeMs: 500, sliceMs: 1_000 };
  const target = { session, probe, p99Ms };
  const { cost, sent } = await measureRequest('progress', target, times, 100);
  assert.ok(Math.abs(cost.main.median - 250) < 1, `${cost.main.median}`);
  assert.ok(Math.abs(cost.fold.median - 50) < 1, `${cost.fold.median}`);
  assert.ok(cost.main.low <= cost.main.median && cost.main.median <= cost.main.high);
  assert.ok(cost.logBytes <= 100 && cost.logBytes > 60, `${cost.logBytes}`);
  assert.ok(sent > cost.perSecond * 3, `${sent}`);
  assert.ok(cost.perSecond <= 4_000 && cost.perSecond > 2_500, `${cost.perSecond}`);
});

test('what is never decided has no cost, and is an error by name', async () => {
  const { session, probe } = server({ main: 1e9 });
  await assert.rejects(highestRate({ claim: 1 }, { session, probe, p99Ms }, 1_000, 50), {
    id: 'sizing-calibration-failed',
    message: /"claim" was not decided: 0 of 50 arrivals \(engine-overloaded 50\)/,
  });
});

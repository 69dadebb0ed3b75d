/*
 * What `tune` finds and what it makes up, by trials made of the noise of a machine that others use: many runs as long as
 * one by default, by seeds, so that the shares are the same each time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typicalP99Ms } from './trials.ts';
import { candidatesOf, type TunableSetting, tunableSettings } from './tunable-settings.ts';
import { type Effect, type Trial, tune } from './tuning.ts';

const candidates = candidatesOf(Object.keys(tunableSettings) as TunableSetting[]);
/** As many as fit into the 24 minutes of `hunt tune`, at eleven seconds each. */
const trialsOfDefault = 128;
const planted = 'log.segmentBytes';

/** Evenly between 0 and 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Noise {
  /** A slice is off by this factor or less, either way, in 95 of 100. */
  readonly factor: number;
  /** Share of slices in which the machine stands still, ten times as slow. */
  readonly stalls: number;
}

/** Effects found in a run of the default length, where one value makes the p99 `times` as high. */
async function run(seed: number, times: number, { factor, stalls }: Noise): Promise<Effect[]> {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let trials = 0;
  const measure = async (settings: { readonly [planted]?: number }): Promise<Trial> => {
    trials += 1;
    const server = Math.exp(0.05 * normal() + 0.002 * trials);
    const effect = settings[planted] === tunableSettings[planted][0] ? times : 1;
    const slices = Array.from({ length: 20 }, (_, index) => {
      const noise = Math.exp((Math.log(factor) / 1.96) * normal());
      const stall = random() < stalls ? 10 : 1;
      return { fromMs: index * 250, p99Ms: 10 * effect * server * noise * stall };
    });
    const perSecond = 10_000 * Math.exp(0.1 * normal());
    return { p99Ms: typicalP99Ms(slices, 1_000)!, perSecond };
  };
  const isOver = () => trials >= trialsOfDefault;
  const { effects } = await tune({ candidates, measure, isOver });
  assert.ok(trials <= trialsOfDefault + 1, `${trials}`);
  return effects.filter(({ p99, throughput }) => p99.isReal || throughput.isReal);
}

/** Of so many runs: how many found the planted effect, and how many anything else. */
async function shares(runs: number, times: number, noise: Noise) {
  let [found, madeUp, covered] = [0, 0, 0];
  for (let seed = 1; seed <= runs; seed++) {
    const real = await run(seed * 7_919, times, noise);
    const isPlanted = ({ settings, p99 }: Effect) =>
      settings[planted] === tunableSettings[planted][0] && p99.isReal;
    const it = real.find(isPlanted);
    if (it !== undefined) found += 1;
    if (it !== undefined && it.p99.least <= times && times <= it.p99.most) covered += 1;
    if (real.some((effect) => !isPlanted(effect))) madeUp += 1;
  }
  return { found: found / runs, covered: covered / runs, madeUp: madeUp / runs };
}

test('half as much p99 again is found mostly in noise of a factor of three, by as many trials as by default', async () => {
  const calm = await shares(200, 1.5, { factor: 3, stalls: 0 });
  const stalling = await shares(200, 1.5, { factor: 3, stalls: 0.05 });
  assert.ok(calm.found >= 0.65, JSON.stringify(calm));
  assert.ok(stalling.found >= 0.55, JSON.stringify(stalling));
});

test('where nothing has an effect, one run in twenty names one, or fewer', async () => {
  for (const stalls of [0, 0.05]) {
    const { found, madeUp } = await shares(400, 1, { factor: 3, stalls });
    // Two standard errors of four hundred runs.
    assert.ok(found + madeUp <= 0.05 + 0.022, `${found} ${madeUp}`);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineSchema } from '@hunt/engine';
import { settingsYaml } from '@hunt/engine/sizing';
import { MemoryTerminal } from '../testing/memory-terminal.ts';
import { candidatesOf, type TriedSettings, tunableSettings } from './tunable-settings.ts';
import { tuneChart } from './tune-chart.ts';
import { type Trial, tune } from './tuning.ts';

const names = Object.keys(tunableSettings) as (keyof typeof tunableSettings)[];
const candidates = candidatesOf(names);

/** A machine that is as noisy as told, and gets slower all the time. */
function machine(
  effect: (settings: TriedSettings) => Partial<Trial>,
  { noise = 0.02, drift = 0.001 } = {},
) {
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed / 0x7fffffff - 0.5;
  };
  let trials = 0;
  return {
    get trials() {
      return trials;
    },
    async measure(settings: TriedSettings): Promise<Trial> {
      trials += 1;
      const slower = Math.exp(drift * trials);
      const { p99Ms = 1, perSecond = 1 } = effect(settings);
      return {
        p99Ms: 10 * p99Ms * slower * Math.exp(noise * random()),
        perSecond: (10_000 * perSecond * Math.exp(noise * random())) / slower,
      };
    },
  };
}

const never = () => false;

test('what matters is found, ranked and recommended; the rest is noise', async () => {
  const { measure } = machine((settings) => ({
    ...(settings['gateway.admissionTargetMs'] === 2 && { p99Ms: 0.5 }),
    ...(settings['archive.batchMaxBytes'] === 16 * 2 ** 20 && { perSecond: 1.3 }),
    ...(settings['log.segmentBytes'] === 16 * 2 ** 20 && { p99Ms: 1.4 }),
  }));
  const { effects, recommended, isComplete, pair, defaults } = await tune({
    ...{ candidates, measure, isOver: never },
  });
  const real = effects.filter(({ p99, throughput }) => p99.isReal || throughput.isReal);
  assert.deepEqual(
    real.map(({ settings }) => Object.keys(settings)[0]),
    ['gateway.admissionTargetMs', 'log.segmentBytes', 'archive.batchMaxBytes'],
  );
  assert.ok(Math.abs(real[0]!.p99.ratio - 0.5) < 0.03, `${real[0]!.p99.ratio}`);
  assert.ok(real[1]!.score < 0, 'a loss is told as one');
  // Both together were measured, and not only added up.
  assert.ok(pair!.p99.isReal && pair!.throughput.isReal && pair!.trials >= 4);
  assert.deepEqual(recommended, {
    'gateway.admissionTargetMs': 2,
    'archive.batchMaxBytes': 16 * 2 ** 20,
  });
  assert.ok(isComplete && defaults.p99Ms > 9);
});

test('a machine of noise alone, however it drifts, gets no effects and no advice', async () => {
  for (const noise of [0.02, 0.4]) {
    const { measure } = machine(() => ({}), { noise, drift: 0.02 });
    const { effects, recommended, pair } = await tune({ candidates, measure, isOver: never });
    assert.deepEqual(
      effects.filter(({ p99, throughput }) => p99.isReal || throughput.isReal),
      [],
    );
    assert.deepEqual([recommended, pair], [{}, undefined]);
  }
});

test('the time is a limit, and what was not tried often enough is no effect', async () => {
  const planted = machine(() => ({ p99Ms: 3 }));
  let trials = 0;
  const tuning = await tune({
    candidates,
    measure: (settings) => {
      trials += 1;
      return planted.measure(Object.keys(settings).length > 0 ? settings : {});
    },
    isOver: () => trials >= 10,
  });
  // One more, so that the last value has defaults on both sides.
  assert.ok(trials <= 11, `${trials}`);
  assert.equal(tuning.isComplete, false);
  assert.deepEqual(tuning.recommended, {});
  assert.match(tuneChart(tuning, new MemoryTerminal()), /give more\s+--minutes/);
});

test('a pair that spoils what each gained is not recommended', async () => {
  const one = 'gateway.recordMaxBytes';
  const other = 'log.inflightMaxBytes';
  const { measure } = machine((settings) => {
    const [hasOne, hasOther] = [settings[one] === 2 ** 20, settings[other] === 2 ** 28];
    return { perSecond: hasOne && hasOther ? 0.8 : hasOne ? 1.3 : hasOther ? 1.2 : 1 };
  });
  const { recommended, pair } = await tune({ candidates, measure, isOver: never });
  assert.ok(pair!.score < 0);
  assert.deepEqual(recommended, { [one]: 2 ** 20 });
});

test('the chart fits 80 columns, and shows what is real with a bar', async () => {
  const { measure } = machine((settings) => ({
    ...(settings['gateway.admissionTargetMs'] === 2 && { p99Ms: 0.5 }),
    ...(settings['archive.batchMaxBytes'] === 16 * 2 ** 20 && { perSecond: 1.3 }),
  }));
  const chart = tuneChart(await tune({ candidates, measure, isOver: never }), new MemoryTerminal());
  for (const line of chart.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(
    chart,
    /gateway\.admissionTargetMs=2\n {2}p99 +█+│ +−[\d.]+ % \(−[\d.]+ % to −[\d.]+ %\)/,
  );
  assert.match(chart, /archive\.batchMaxBytes=16777216\n.*\n {2}throughput +│█+ +\+[\d.]+ %/);
  assert.match(chart, /Below the noise: /);
});

test('every value that is tried is one that the setting takes, and not its default', () => {
  for (const settings of candidates) {
    for (const [name, value] of Object.entries(settings)) {
      const property = engineSchema.properties.get(name)!;
      assert.ok('least' in property && 'most' in property, name);
      assert.ok(value >= property.least && value <= property.most, `${name}=${value}`);
      assert.notEqual(value, property.default, name);
    }
  }
  assert.equal(settingsYaml(candidates[0]!, 'why'), '# why\ngateway:\n  admissionTargetMs: 2\n');
});

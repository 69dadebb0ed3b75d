import { comparedCapacity, runCalibration } from '@hunt/cli';
import type { Mix } from '@hunt/engine/sizing';
import { type BenchResult, defineBench, median, rounded } from './bench.ts';

/** Predicted by measured. */
const [leastRatio, mostRatio] = [0.8, 1.2];

/** None of them is a load of the calibration, which sends one kind at a time and one mix of four. */
const mixes: Readonly<Record<string, Mix>> = {
  'opening joins': { join: 7, progress: 2, standings: 1 },
  'answers only': { 'answer-wrong': 80, 'answer-right': 20 },
  'reads heavy': { progress: 50, standings: 40, 'answer-wrong': 10 },
  'claims burst': { claim: 70, 'answer-wrong': 20, 'check-in': 5, scan: 5 },
  'live heavy': { 'answer-wrong': 70, 'answer-right': 10, hint: 10, progress: 10 },
};
const withListeners = 'live heavy';

export const sizing = defineBench({
  name: 'sizing',
  summary: 'What five mixes take of this machine, predicted from a calibration and measured',
  atLeast: 'predicted within 20 % of measured, each',
  sizes: {
    calibrationSeconds: 240,
    calibrationPlayers: 8_000,
    rateMost: 100_000,
    players: 8_000,
    stepMs: 2_500,
    from: 2_000,
    most: 48_000,
    listeners: 1_000,
  },
  async run(sizes, runs): Promise<BenchResult> {
    const { calibrationSeconds, calibrationPlayers, rateMost } = sizes;
    const { players, stepMs, from, most, listeners } = sizes;
    const calibration = await runCalibration({
      ...{ seconds: calibrationSeconds, players: calibrationPlayers, rateMost },
      ...{ env: process.env, onProgress: () => {} },
      signal: new AbortController().signal,
    });
    const compared = [];
    for (const [name, mix] of Object.entries(mixes)) {
      const live = name === withListeners ? listeners : 0;
      const options = { calibration, mix, live, players, from, most, stepMs };
      const found: number[] = [];
      const limits: string[] = [];
      let predicted = 0;
      let scarce = '';
      for (let run = 0; run < runs; run++) {
        const result = await comparedCapacity(options);
        ({ perSecond: predicted, limit: scarce } = result.predicted);
        found.push(result.found.perSecond ?? from);
        limits.push(result.found.limit);
      }
      const measured = median(found);
      const ratio = rounded(predicted / measured);
      compared.push({
        ...{ mix: name, predicted: Math.round(predicted), measured: Math.round(measured), ratio },
        ...{ scarce, limits, runs: found.map(Math.round) },
      });
    }
    // The worst decides: further from 1 by as many times.
    const distance = ({ ratio }: { readonly ratio: number }) => Math.abs(Math.log(ratio));
    const worst = compared.reduce((one, other) => (distance(other) > distance(one) ? other : one));
    return {
      name: 'sizing',
      value: worst.predicted,
      unit: `arrivals/s predicted of "${worst.mix}", the mix furthest off`,
      reference: 'measured',
      referenceValue: worst.measured,
      ratio: worst.ratio,
      met: compared.every(({ ratio }) => ratio >= leastRatio && ratio <= mostRatio),
      mixes: compared,
      othersShare: rounded(calibration.othersShare),
      usableShares: [calibration.usable, ...Object.values(calibration.usableApart)].map(
        ({ share }) => rounded(share),
      ),
      calibrationSeconds: calibration.seconds,
      costs: Object.fromEntries(
        Object.entries(calibration.requests).map(([kind, cost]) => [
          kind,
          [
            ...[cost.main, cost.fold, cost.helpers, cost.generator].map((one) => one.median),
            cost.perSecond,
          ].map(rounded),
        ]),
      ),
    };
  },
});

import { drawFaultPlan, SimulatedWorld, type WorldResult } from 'veltrix/simulator';
import { noOversell } from './checkers/no-oversell.ts';
import { OrderPerTeam } from './checkers/order-per-team.ts';
import { scoredOnce } from './checkers/scored-once.ts';
import { checkStandings } from './checkers/standings-match.ts';
import { describeRecord } from './compact-log.ts';
import { HuntWorkload, WatchedHunts } from './hunt-workload.ts';
import { HuntModelChecker } from './model/hunt-model.ts';

export interface SeedFailure {
  readonly seed: number;
  readonly message: string;
  readonly plan: string;
  /** The last things that happened; all of them when lines were kept. */
  readonly lines: readonly string[];
}

export type SeedResult =
  | { readonly seed: number; readonly result: WorldResult; readonly lines: readonly string[] }
  | { readonly seed: number; readonly failure: SeedFailure };

/** Of so many seeds one is run twice, to see that it is the same world both times. */
const twiceEvery = 20;

/** Runs the world of one seed: a whole contest with its faults, checked against the model. */
export async function runSeed(seed: number, keepLines = false): Promise<SeedResult> {
  const first = await runOnce(seed, keepLines);
  if (seed % twiceEvery !== 0 || 'failure' in first) return first;
  const second = await runOnce(seed, keepLines);
  if ('result' in second && second.result.traceHash === first.result.traceHash) return first;
  const message = 'determinism: the same seed made two different worlds';
  return { seed, failure: { seed, message, plan: '', lines: [] } };
}

async function runOnce(seed: number, keepLines: boolean): Promise<SeedResult> {
  const plan = drawFaultPlan(seed);
  const watched = new WatchedHunts();
  const order = new OrderPerTeam();
  let workload: HuntWorkload | undefined;
  const model = new HuntModelChecker(plan.partitionCount, (partition) =>
    watched.of(world.node!.processors[partition]!.fold.space),
  );
  const world = new SimulatedWorld({
    plan,
    application: watched.application,
    makeWorkload: (made) => {
      workload = new HuntWorkload(made, watched, order);
      return workload;
    },
    checkers: [model, noOversell(), scoredOnce(), order],
    keepLines,
    describe: describeRecord,
  });
  try {
    const result = world.run();
    if (result.end === 'healed') await checkStandings(workload!.views, model);
    return { seed, result, lines: world.trace.lines ?? [] };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const lines = world.trace.lines ?? [];
    return { seed, failure: { seed, message, plan: JSON.stringify(plan), lines } };
  }
}

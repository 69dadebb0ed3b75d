import {
  drawFaultPlan,
  runAccountsWorld,
  SimulatedWorld,
  Trace,
  type WorldResult,
} from 'veltrix/simulator';
import { noOversell } from './checkers/no-oversell.ts';
import { OrderPerTeam } from './checkers/order-per-team.ts';
import { scoredOnce } from './checkers/scored-once.ts';
import { checkStandings } from './checkers/standings-match.ts';
import { ToldOutcomes } from './checkers/told-outcomes.ts';
import { WithdrawnCommands } from './checkers/withdrawn-commands.ts';
import { describeRecord } from './compact-log.ts';
import { HuntWorkload } from './hunt-workload.ts';
import { HuntModelChecker } from './model/hunt-model.ts';
import { SimulatedArchive } from './simulated-archive.ts';
import { WatchedHunts } from './watched-hunts.ts';

export interface SeedFailure {
  readonly seed: number;
  readonly message: string;
  readonly plan: string;
  /** The last things that happened; all of them when lines were kept. */
  readonly lines: readonly string[];
}

interface ContestResult extends WorldResult {
  /** Commands that went back undecided since nobody waited for them. */
  readonly withdrawn: number;
  /** Commands that were not taken. */
  readonly refused: number;
  /** Answers of other partitions that the archive had to tell, since the gateway had not heard them. */
  readonly lastWords: number;
  /** What those were told who asked what became of commands, by how often it was what. */
  readonly told: ToldOutcomes['counts'];
}

/** Of a world without one. */
const noGateway = {
  ...{ withdrawn: 0, refused: 0, lastWords: 0 },
  told: { final: 0, pending: 0, underWay: 0, unknown: 0, failed: 0 },
};

export type SeedResult =
  | { readonly seed: number; readonly result: ContestResult; readonly lines: readonly string[] }
  | { readonly seed: number; readonly failure: SeedFailure };

/**
 * Of so many seeds one is a world of accounts, veltrix's own small application: its commands fault
 * and its partitions write to each other all the time, as hunts rarely do.
 */
const accountsEvery = 4;
/** Of so many seeds one is run twice, to see that it is the same world both times. */
const twiceEvery = 19;

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
  const trace = new Trace(keepLines);
  try {
    const result =
      seed % accountsEvery === 0
        ? { ...(await runAccountsWorld(seed, trace)), ...noGateway }
        : await runContest(seed, trace);
    return { seed, result, lines: trace.lines ?? [] };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const plan = JSON.stringify(drawFaultPlan(seed));
    return { seed, failure: { seed, message, plan, lines: trace.lines ?? [] } };
  }
}

async function runContest(seed: number, trace: Trace): Promise<ContestResult> {
  const plan = drawFaultPlan(seed);
  const watched = new WatchedHunts();
  const order = new OrderPerTeam();
  const withdrawn = new WithdrawnCommands();
  const archive = new SimulatedArchive({
    seed,
    now: () => world.queue.now,
    kept: () => world.awaitPromises(),
  });
  const told = new ToldOutcomes({
    now: () => world.queue.now,
    archivedUntil: () => archive.archivedUntil,
  });
  let workload: HuntWorkload | undefined;
  const model = new HuntModelChecker(plan.partitionCount, (partition) =>
    watched.of(world.node!.processors[partition]!.fold.space),
  );
  const world = new SimulatedWorld({
    plan,
    application: watched.application,
    makeWorkload: (made) => {
      workload = new HuntWorkload(made, { watched, order, withdrawn, told, archive });
      return workload;
    },
    checkers: [model, noOversell(), scoredOnce(), withdrawn, order, archive, told],
    trace,
    describe: describeRecord,
  });
  const result = await world.run();
  if (result.end === 'healed') {
    await checkStandings(workload!.viewsBefore, model);
    await checkStandings(workload!.views, model);
  }
  const { lastWords } = archive;
  return {
    ...{ ...result, withdrawn: withdrawn.withdrawn, refused: withdrawn.refused, lastWords },
    told: told.counts,
  };
}

import {
  accountsApplication,
  accountsModel,
  type ClusterResult,
  ClusterWorld,
  drawClusterPlan,
  runAccountsCluster,
  SeededRandom,
  Trace,
} from 'veltrix/simulator';
import { firstDecisions } from './checkers/first-decisions.ts';
import { OrderPerTeam } from './checkers/order-per-team.ts';
import { WithdrawnCommands } from './checkers/withdrawn-commands.ts';
import { GatewayWorkload } from './gateway-workload.ts';
import type { SeedFailure } from './run-seed.ts';

export interface GatewaysResult extends ClusterResult {
  /** Commands that went back undecided since nobody waited for them. */
  readonly withdrawn: number;
  /** Commands that were not taken. */
  readonly refused: number;
  /** Records of which nobody knew whether the log had them. */
  readonly givenUp: number;
}

export type ClusterSeedResult =
  | { readonly seed: number; readonly result: GatewaysResult; readonly lines: readonly string[] }
  | { readonly seed: number; readonly failure: SeedFailure };

/** In so many clusters commands come by real gateways; in the others they are put in the log as they are. */
const gatewaysChance = 0.5;
/** Of so many seeds one is run twice, to see that it is the same world both times. */
const twiceEvery = 23;

/** Runs the cluster of one seed: owners, faults and users, with every promise checked. */
export async function runClusterSeed(seed: number, keepLines = false): Promise<ClusterSeedResult> {
  const first = await runOnce(seed, keepLines);
  if (seed % twiceEvery !== 0 || 'failure' in first) return first;
  const second = await runOnce(seed, keepLines);
  if ('failure' in second || second.result.traceHash === first.result.traceHash) return first;
  const message = 'determinism: the same seed made two different worlds';
  return { seed, failure: { seed, message, plan: '', lines: [] } };
}

async function runOnce(seed: number, keepLines: boolean): Promise<ClusterSeedResult> {
  const trace = new Trace(keepLines);
  try {
    const result = new SeededRandom(seed, 58).chance(gatewaysChance)
      ? await runGateways(seed, trace)
      : { ...runAccountsCluster(seed, trace), withdrawn: 0, refused: 0, givenUp: 0 };
    return { seed, result, lines: trace.lines ?? [] };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const plan = JSON.stringify(drawClusterPlan(seed));
    return { seed, failure: { seed, message, plan, lines: trace.lines ?? [] } };
  }
}

async function runGateways(seed: number, trace: Trace): Promise<GatewaysResult> {
  const [order, withdrawn] = [new OrderPerTeam(), new WithdrawnCommands()];
  let workload: GatewayWorkload | undefined;
  const world = new ClusterWorld({
    plan: drawClusterPlan(seed),
    application: accountsApplication,
    makeWorkload: (made) => {
      workload = new GatewayWorkload(made, { order, withdrawn });
      return workload;
    },
    checkers: [accountsModel(), firstDecisions([withdrawn, order])],
    trace,
  });
  const { followed } = workload!;
  await followed;
  const result = world.run();
  const { givenUp } = workload!;
  return { ...result, withdrawn: withdrawn.withdrawn, refused: withdrawn.refused, givenUp };
}

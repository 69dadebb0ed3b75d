import { type ClusterResult, drawClusterPlan, runAccountsCluster, Trace } from 'veltrix/simulator';
import type { SeedFailure } from './run-seed.ts';

export type ClusterSeedResult =
  | { readonly seed: number; readonly result: ClusterResult; readonly lines: readonly string[] }
  | { readonly seed: number; readonly failure: SeedFailure };

/** Of so many seeds one is run twice, to see that it is the same world both times. */
const twiceEvery = 23;

/** Runs the cluster of one seed: owners, faults and users, with every promise checked. */
export async function runClusterSeed(seed: number, keepLines = false): Promise<ClusterSeedResult> {
  const first = runOnce(seed, keepLines);
  if (seed % twiceEvery !== 0 || 'failure' in first) return first;
  const second = runOnce(seed, keepLines);
  if ('failure' in second || second.result.traceHash === first.result.traceHash) return first;
  const message = 'determinism: the same seed made two different worlds';
  return { seed, failure: { seed, message, plan: '', lines: [] } };
}

function runOnce(seed: number, keepLines: boolean): ClusterSeedResult {
  const trace = new Trace(keepLines);
  try {
    return { seed, result: runAccountsCluster(seed, trace), lines: trace.lines ?? [] };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const plan = JSON.stringify(drawClusterPlan(seed));
    return { seed, failure: { seed, message, plan, lines: trace.lines ?? [] } };
  }
}

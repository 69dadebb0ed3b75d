import type { Scaler } from '../scaling-loop.ts';
import type { Decision, Reading, Replica } from './autoscaler.ts';
import type { Workload } from './chart-workloads.ts';

/** As often as Kubernetes asks for an external metric. */
const syncMs = 15_000;

/** What `hunt cluster scale --json` prints; rejects where it fails. */
export type AskAdvice = () => Promise<string>;

interface Advice {
  readonly nodes: number;
  /** 1 is all that a node can do. */
  readonly load: number;
  readonly wanted: number;
}

/**
 * Scales by what the leader of the cluster advises (decision 13), as a script around `hunt cluster scale` would: it
 * adds the bounds of the role, and changes nothing while there is no advice.
 */
export class LeaderAdvice implements Scaler {
  readonly everyMs = syncMs;
  readonly #ask: AskAdvice;
  #byRole: Readonly<Record<string, Advice>> = {};

  constructor(ask: AskAdvice) {
    this.#ask = ask;
  }

  async look(): Promise<void> {
    this.#byRole = await this.#ask()
      .then((text) => (JSON.parse(text) as { roles: Record<string, Advice> }).roles)
      .catch(() => ({}));
  }

  async decide(
    { role, policy }: Workload,
    replicas: readonly Replica[],
  ): Promise<Decision & { readonly readings: readonly Reading[] }> {
    const advice = this.#byRole[role];
    const readings = [{ of: 'load', target: 1, value: advice?.load }];
    if (advice === undefined) {
      return { wanted: replicas.length, because: 'there is no advice', readings };
    }
    const { min, max } = policy!;
    const wanted = Math.min(max, Math.max(min, advice.wanted));
    return { wanted, because: `load ${advice.load}`, readings };
  }
}

import type { Scaler } from '../scaling-loop.ts';
import { Autoscaler, type Replica } from './autoscaler.ts';
import type { Workload } from './chart-workloads.ts';
import { type AskPrometheus, measuredReadings } from './measured-readings.ts';
import { quickened } from './scaling-policy.ts';

/** Kubernetes looks this often, unless told otherwise. */
const syncMs = 15_000;

/** Scales as the chart's autoscalers do, by what Prometheus knows. */
export class ChartAutoscalers implements Scaler {
  readonly everyMs: number;
  readonly #ask: AskPrometheus;
  readonly #quicken: number;
  readonly #byRole = new Map<string, Autoscaler>();

  /** @param quicken by what their waits are divided */
  constructor(ask: AskPrometheus, quicken: number) {
    this.#ask = ask;
    this.#quicken = quicken;
    this.everyMs = syncMs / quicken;
  }

  async look(): Promise<void> {}

  async decide(workload: Workload, replicas: readonly Replica[], at: number) {
    const { role, policy } = workload;
    let autoscaler = this.#byRole.get(role);
    if (autoscaler === undefined) {
      autoscaler = new Autoscaler(quickened(policy!, this.#quicken));
      this.#byRole.set(role, autoscaler);
    }
    const readings = await measuredReadings(workload, replicas, this.#ask);
    return { ...autoscaler.decide(at, replicas, readings), readings };
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import type { Decision, Reading, Replica } from './autoscaler/autoscaler.ts';
import type { Workload } from './autoscaler/chart-workloads.ts';
import type { ScaledRole } from './cluster/scaled-role.ts';

/** Says how many replicas a role should have. */
export interface Scaler {
  /** Time between two looks. */
  readonly everyMs: number;
  /** Called at the beginning of each look. */
  look(): Promise<void>;
  /** Within the bounds of the role. @param at milliseconds of any clock that only grows */
  decide(
    workload: Workload,
    replicas: readonly Replica[],
    at: number,
  ): Promise<Decision & { readonly readings: readonly Reading[] }>;
}

/** A change of how many nodes a role has. */
export interface ScalingStep {
  /** Seconds since the first look. */
  readonly at: number;
  readonly role: string;
  readonly from: number;
  readonly to: number;
  /** The metric that asked for most. */
  readonly because: string;
}

export interface ScalingLoopOptions {
  readonly roles: readonly ScaledRole[];
  readonly scaler: Scaler;
  readonly onStep: (step: ScalingStep) => void;
}

interface Scaled {
  readonly role: ScaledRole;
  /** The highest of each metric, as a part of its target. */
  readonly highest: Map<string, number>;
  /** Times when a metric was not known, by its name. */
  readonly unknown: Map<string, number>;
  readings: readonly Reading[];
}

/** Looks at the metrics of every role at intervals and has as many nodes run as its autoscaler wants. */
export class ScalingLoop {
  readonly steps: ScalingStep[] = [];
  readonly #options: ScalingLoopOptions;
  readonly #scaled: readonly Scaled[];
  #startedAt = 0;

  constructor(options: ScalingLoopOptions) {
    this.#options = options;
    this.#scaled = options.roles
      .filter(({ workload }) => workload.policy !== undefined)
      .map((role) => ({ role, highest: new Map(), unknown: new Map(), readings: [] }));
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#startedAt = performance.now();
    while (!signal.aborted) {
      const { scaler } = this.#options;
      await scaler.look();
      for (const scaled of this.#scaled) await this.#look(scaled);
      await pause(scaler.everyMs, undefined, { signal }).catch(() => {});
    }
  }

  async #look(scaled: Scaled): Promise<void> {
    const { role, highest, unknown } = scaled;
    role.look();
    const { replicas, workload } = role;
    const now = performance.now();
    const decided = await this.#options.scaler.decide(workload, replicas, now);
    const { wanted, because, readings } = decided;
    scaled.readings = readings;
    for (const reading of readings) {
      const part = partOfTarget(reading);
      if (part === undefined) unknown.set(reading.of, (unknown.get(reading.of) ?? 0) + 1);
      else highest.set(reading.of, Math.max(highest.get(reading.of) ?? 0, part));
    }
    if (wanted === replicas.length) return;
    const at = Math.round((now - this.#startedAt) / 1_000);
    const step = { at, role: workload.role, from: replicas.length, to: wanted, because };
    this.steps.push(step);
    this.#options.onStep(step);
    await role.scaleTo(wanted);
  }

  /** By role: nodes, and each metric as a part of its target. */
  describe(): string {
    return this.#scaled
      .map(({ role, readings }) => {
        const parts = readings.map((reading) => {
          const part = partOfTarget(reading);
          return `${shortName(reading.of)} ${part === undefined ? '?' : part.toFixed(2)}`;
        });
        return `${role.workload.role} ${role.replicas.length} (${parts.join(', ')})`;
      })
      .join(', ');
  }

  summary() {
    return this.#scaled.map(({ role: { workload, counts }, highest, unknown }) => ({
      role: workload.role,
      min: workload.policy!.min,
      max: workload.policy!.max,
      scaledUp: counts.up,
      scaledDown: counts.down,
      least: counts.least,
      most: counts.most,
      longestStopMs: counts.longestStopMs,
      highestOfTarget: Object.fromEntries(
        [...highest].map(([of, part]) => [of, Math.round(part * 100) / 100]),
      ),
      unknownReadings: Object.fromEntries(unknown),
    }));
  }
}

/** What is measured as a part of what it should be; the mean where each pod has its own. */
function partOfTarget(reading: Reading): number | undefined {
  if ('value' in reading) {
    return reading.value === undefined ? undefined : reading.value / reading.target;
  }
  const values = [...reading.values.values()];
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length / reading.target;
}

function shortName(of: string): string {
  return of.replace(/^hunt_/, '');
}

import type { MetricCatalog } from 'veltrix/telemetry';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import type { Admission } from './admission.ts';
import type { CommandBatcher } from './command-batcher.ts';

const owner = 'gateway';
const labels = { source: ['admission', 'utilisation'] } as const;

export const kneeMetrics = {
  hunt_gateway_offered_commands_per_second: {
    ...{ type: 'gauge', owner },
    help: 'Commands that come, whether they are let in or not; about the last 10 s.',
    whenItMoves: 'It is the load. Set beside the capacity it is the distance from the knee.',
  },
  hunt_gateway_capacity_commands_per_second: {
    ...{ type: 'gauge', owner, labels },
    help: 'Commands that can be decided: measured while more came (admission), or estimated from how busy the busiest thread is with what comes now (utilisation). Batches make commands cheaper under load, so the estimate is low when little comes.',
    whenItMoves: 'A fall is a slower machine or disk, or another mix of commands.',
  },
  hunt_gateway_knee_ratio: {
    ...{ type: 'gauge', owner, labels },
    help: 'How near the load is to the capacity: 1 is the knee, above it commands are shed.',
    whenItMoves: 'Above 0.7 add capacity before the crowd comes: docs/runbooks/capacity-near.md.',
  },
} as const satisfies MetricCatalog;

/** Of each second's rates; 10 s make nine tenths of a rate. */
const share = 0.2;
/** Below this share of a thread's time nothing is learnt of what it could do. */
const leastUtilisation = 0.05;

interface Measured {
  readonly admission: Pick<Admission, 'entered' | 'refused' | 'capacityPerSecond'>;
  readonly counts: Pick<CommandBatcher['counts'], 'sent' | 'shed' | 'decided'>;
  /** Of the busiest thread in the last second, 0 to 1. */
  readonly busiest: () => number;
  /** Milliseconds of a clock that only grows. */
  readonly now: () => number;
}

/** How far the load is from what can be decided; `sample` about once a second. */
export class KneeMeter {
  offeredPerSecond = 0;
  /** By the busiest thread; undefined before there was load. */
  estimatedPerSecond: number | undefined;
  #singlesPerSecond = 0;
  #before: { at: number; offered: number; singles: number; decided: number } | undefined;
  readonly #measured: Measured;

  constructor(measured: Measured) {
    this.#measured = measured;
  }

  sample(): void {
    const { admission, counts, busiest, now } = this.#measured;
    const current = {
      at: now(),
      offered: counts.sent + counts.shed,
      singles: admission.entered + admission.refused,
      decided: counts.decided,
    };
    const before = this.#before;
    this.#before = current;
    if (!before || current.at <= before.at) return;
    const rate = (of: 'offered' | 'singles' | 'decided') =>
      ((current[of] - before[of]) / (current.at - before.at)) * 1_000;
    this.offeredPerSecond += (rate('offered') - this.offeredPerSecond) * share;
    this.#singlesPerSecond += (rate('singles') - this.#singlesPerSecond) * share;
    const utilisation = busiest();
    if (utilisation < leastUtilisation || rate('decided') === 0) return;
    const estimate = rate('decided') / utilisation;
    const known = this.estimatedPerSecond ?? estimate;
    this.estimatedPerSecond = known + (estimate - known) * share;
  }

  /** What admission has measured: of single commands, as batches are not admitted one by one. */
  get measuredPerSecond(): number | undefined {
    return this.#measured.admission.capacityPerSecond;
  }

  get measuredRatio(): number | undefined {
    const capacity = this.measuredPerSecond;
    return capacity === undefined || capacity === 0 ? undefined : this.#singlesPerSecond / capacity;
  }

  get estimatedRatio(): number | undefined {
    const capacity = this.estimatedPerSecond;
    return capacity === undefined ? undefined : this.offeredPerSecond / capacity;
  }
}

export function measureKnee(
  { admission, batcher }: { readonly admission: Admission; readonly batcher: CommandBatcher },
  { registry, threads }: ProcessTelemetry,
): void {
  const { counts } = batcher;
  const busiest = () => threads.busiest;
  const knee = new KneeMeter({ admission, counts, busiest, now: () => performance.now() });
  registry.onSample(() => knee.sample());
  registry.value('hunt_gateway_offered_commands_per_second', () => knee.offeredPerSecond);
  const bySource = (
    metric: 'hunt_gateway_capacity_commands_per_second' | 'hunt_gateway_knee_ratio',
    measured: () => number | undefined,
    estimated: () => number | undefined,
  ) =>
    registry.measure(metric, ['source'], (emit) => {
      const [ofAdmission, ofUtilisation] = [measured(), estimated()];
      if (ofAdmission !== undefined) emit(ofAdmission, 'admission');
      if (ofUtilisation !== undefined) emit(ofUtilisation, 'utilisation');
    });
  bySource(
    'hunt_gateway_capacity_commands_per_second',
    () => knee.measuredPerSecond,
    () => knee.estimatedPerSecond,
  );
  bySource(
    'hunt_gateway_knee_ratio',
    () => knee.measuredRatio,
    () => knee.estimatedRatio,
  );
}

import type { ScalingPolicy, ScalingRule } from './scaling-policy.ts';

/** A replica that is wanted, whether it works already or not. Those that are being stopped do not count. */
export interface Replica {
  readonly name: string;
  readonly isReady: boolean;
}

/** What one target is measured to be; undefined where nobody knows. */
export type Reading =
  | { readonly of: string; readonly target: number; readonly value: number | undefined }
  | { readonly of: string; readonly target: number; readonly values: ReadonlyMap<string, number> };

export interface Decision {
  readonly wanted: number;
  /** The reading that asks for most. */
  readonly because: string;
}

/** A metric that is so near to its target changes nothing. */
const tolerance = 0.1;

/**
 * How many replicas one metric asks for: ceil(replicas × measured / target). Replicas that are not ready or tell
 * nothing are taken to do nothing when more are asked for; when fewer are, silent ones are taken to be at the target.
 * Undefined when nothing is known.
 */
export function proposedReplicas(
  reading: Reading,
  replicas: readonly Replica[],
): number | undefined {
  const ready = replicas.filter(({ isReady }) => isReady);
  if ('value' in reading) {
    if (reading.value === undefined) return undefined;
    const ratio = reading.value / reading.target;
    return isNear(ratio) ? replicas.length : Math.ceil(ratio * ready.length);
  }
  const { values, target } = reading;
  const known = ready.flatMap(({ name }) => values.get(name) ?? []);
  if (known.length === 0) return undefined;
  const sum = known.reduce((all, value) => all + value, 0);
  const ratio = sum / known.length / target;
  if (isNear(ratio)) return replicas.length;
  const isMore = ratio > 1;
  // Those that start are left out when fewer are wanted: what they will do nobody knows.
  const counted = isMore ? replicas.length : ready.length;
  const silent = isMore ? 0 : (ready.length - known.length) * target;
  const careful = (sum + silent) / counted / target;
  if (isNear(careful) || careful > 1 !== isMore) return replicas.length;
  const proposed = Math.ceil(careful * counted);
  return isMore ? Math.max(replicas.length, proposed) : Math.min(replicas.length, proposed);
}

function isNear(ratio: number): boolean {
  return Math.abs(ratio - 1) <= tolerance;
}

/**
 * Decides as the HorizontalPodAutoscaler of Kubernetes does: the largest of what its metrics ask for, held back by a
 * window of what was wanted before and by how much may change within a time. Source: "Horizontal Pod Autoscaling",
 * sections "Algorithm details" and "Configurable scaling behavior", in the documentation of Kubernetes.
 *
 * Keeps at most what was wanted and done within the longest window and period.
 */
export class Autoscaler {
  readonly #policy: ScalingPolicy;
  #wantedBefore: { readonly at: number; readonly replicas: number }[] = [];
  #changes: { readonly at: number; readonly by: number }[] = [];

  constructor(policy: ScalingPolicy) {
    this.#policy = policy;
  }

  /** @param at milliseconds of any clock that only grows */
  decide(at: number, replicas: readonly Replica[], readings: readonly Reading[]): Decision {
    const current = replicas.length;
    const { min, max, up, down } = this.#policy;
    const proposal = this.#proposal(replicas, readings);
    const within = (count: number) => Math.min(max, Math.max(min, count));
    const steady = this.#stabilized(at, current, proposal.wanted);
    let wanted = current;
    if (steady > current) wanted = Math.min(steady, this.#most(at, current, up));
    else if (steady < current) wanted = Math.max(steady, this.#least(at, current, down));
    wanted = within(wanted);
    if (wanted !== current) this.#changes.push({ at, by: wanted - current });
    return { wanted, because: proposal.because };
  }

  #proposal(replicas: readonly Replica[], readings: readonly Reading[]): Decision {
    const current = replicas.length;
    let [wanted, because] = [0, ''];
    let isKnown = true;
    for (const reading of readings) {
      const proposed = proposedReplicas(reading, replicas);
      if (proposed === undefined) isKnown = false;
      else if (because === '' || proposed > wanted) [wanted, because] = [proposed, reading.of];
    }
    // Who does not know everything takes nobody away.
    if (because === '' || (!isKnown && wanted < current)) {
      return { wanted: current, because: 'not all is known' };
    }
    return { wanted, because };
  }

  /** The least increase, or the least decrease, of what was wanted within the window. */
  #stabilized(at: number, current: number, wanted: number): number {
    const { up, down } = this.#policy;
    const longest = Math.max(up.stabilizationMs, down.stabilizationMs);
    this.#wantedBefore = this.#wantedBefore.filter((one) => at - one.at < longest);
    this.#wantedBefore.push({ at, replicas: wanted });
    const within = (windowMs: number) =>
      this.#wantedBefore
        .filter((one) => one.at === at || at - one.at < windowMs)
        .map(({ replicas }) => replicas);
    const [rise, fall] = [
      Math.min(...within(up.stabilizationMs)),
      Math.max(...within(down.stabilizationMs)),
    ];
    return rise > current ? rise : Math.min(fall, current);
  }

  #most(at: number, current: number, { policies }: ScalingRule): number {
    if (policies.length === 0) return Number.POSITIVE_INFINITY;
    const limits = policies.map(({ unit, value, periodMs }) => {
      const before = current - this.#changed(at, periodMs);
      return unit === 'Pods' ? before + value : Math.ceil(before * (1 + value / 100));
    });
    return Math.max(current, ...limits);
  }

  #least(at: number, current: number, { policies }: ScalingRule): number {
    if (policies.length === 0) return 0;
    const limits = policies.map(({ unit, value, periodMs }) => {
      const before = current - this.#changed(at, periodMs);
      return unit === 'Pods' ? before - value : Math.floor(before * (1 - value / 100));
    });
    return Math.min(current, ...limits);
  }

  /** By how many replicas the number has grown within the period. */
  #changed(at: number, periodMs: number): number {
    const periods = [this.#policy.up, this.#policy.down].flatMap(({ policies }) =>
      policies.map((policy) => policy.periodMs),
    );
    this.#changes = this.#changes.filter((change) => at - change.at < Math.max(...periods));
    return this.#changes
      .filter((change) => at - change.at < periodMs)
      .reduce((sum, { by }) => sum + by, 0);
  }
}

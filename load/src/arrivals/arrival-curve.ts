import type { Phase } from '../scenario/scenario.ts';

/** Arrivals of one phase as a function of time since it began, in milliseconds. */
export interface ArrivalCurve {
  readonly durationMs: number;
  /** How many have arrived by then on average: the integral of the rate. Never falls. */
  readonly arrivalsBy: (ms: number) => number;
  /** Arrivals a second at that moment. */
  readonly rateAt: (ms: number) => number;
}

/** An opening has died away to 1/e of its surge after this share of its phase. */
const openingDecay = 0.2;
/** A drop comes after this share of its phase, and dies away to 1/e within the other. */
const dropAt = 0.2;
const dropDecay = 0.125;

/** The curve of a phase; docs/load.md shows them. */
export function curveOf({ curve, durationMs, rate, peak }: Phase): ArrivalCurve {
  const surge = peak - rate;
  /** Share of the surge at a share of the phase, and its integral. */
  const [level, area] = surgeOf[curve];
  return {
    durationMs,
    rateAt: (ms) => rate + surge * level(ms / durationMs),
    arrivalsBy: (ms) => (rate * ms + surge * area(ms / durationMs) * durationMs) / 1_000,
  };
}

type Share = (share: number) => number;

const surgeOf: Readonly<Record<Phase['curve'], readonly [level: Share, area: Share]>> = {
  steady: [() => 0, () => 0],
  ramp: [(share) => share, (share) => share ** 2 / 2],
  opening: [
    (share) => Math.exp(-share / openingDecay),
    (share) => openingDecay * (1 - Math.exp(-share / openingDecay)),
  ],
  drop: [
    (share) => (share < dropAt ? 0 : Math.exp((dropAt - share) / dropDecay)),
    (share) => (share < dropAt ? 0 : dropDecay * (1 - Math.exp((dropAt - share) / dropDecay))),
  ],
  'last-minute': [(share) => share ** 3, (share) => share ** 4 / 4],
};

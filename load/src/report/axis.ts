/** One direction of a plot: which values it shows, and where. */
export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
  readonly format: (value: number) => string;
  /** In place of round numbers. */
  readonly ticks?: readonly number[];
  /** A linear axis begins at 0 in any case. */
  readonly most?: number;
}

/** An axis that fits some values. */
export interface FittedAxis {
  readonly ticks: readonly number[];
  /** 0 at the lower end, 1 at the upper one; what lies beyond stays at the end. */
  readonly place: (value: number) => number;
}

const ticksWanted = 5;
/** What is this much smaller than the largest lies on the lower end of a logarithmic axis. */
const spanMost = 100_000;

export function fitAxis({ scale, ticks, most }: Axis, values: readonly number[]): FittedAxis {
  // Not by spread: there may be more values than a call takes arguments.
  const found = values.reduce((highest, value) => Math.max(highest, value), most ?? 0);
  if (scale === 'linear') {
    const step = roundStep((found || 1) / ticksWanted);
    const high = Math.ceil((found || 1) / step - 1e-9) * step;
    const round = Array.from({ length: Math.round(high / step) + 1 }, (_, index) => index * step);
    return { ticks: ticks ?? round, place: (value) => clamped(value / high) };
  }
  const positive = values.filter((value) => value > 0);
  const least = positive.reduce((lowest, value) => Math.min(lowest, value), found || 1);
  const high = upperRound(Math.max(found, least * 1.5));
  const low = lowerRound(Math.max(least, high / spanMost));
  const span = Math.log(high / low);
  const shown = (ticks ?? logTicks(low, high)).filter((tick) => tick >= low && tick <= high);
  return {
    ticks: shown,
    place: (value) => clamped(value <= 0 ? 0 : Math.log(value / low) / span),
  };
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) ?? 10);
}

function logTicks(low: number, high: number): number[] {
  const factors = high / low > 1_000 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    ticks.push(...factors.map((factor) => factor * power));
  }
  // Powers of ten below 1 are not exact.
  return ticks.map((tick) => Number(tick.toPrecision(6)));
}

const upperRound = (value: number) => Number(roundStep(value).toPrecision(6));

function lowerRound(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [5, 2, 1].find((one) => one * power <= value * (1 + 1e-9)) ?? 1;
  return Number((factor * power).toPrecision(6));
}

const clamped = (share: number) => Math.min(1, Math.max(0, share));

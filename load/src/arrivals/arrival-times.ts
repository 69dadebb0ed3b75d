import type { Phase } from '../scenario/scenario.ts';
import { curveOf } from './arrival-curve.ts';

/** Half of an interval this often leaves less than a nanosecond of a day. */
const halvings = 47;

/**
 * When each arrival is due, in milliseconds since the load began, in order. `even`: the n-th, from 0,
 * when the curve's integral reaches n. `poisson`: with the gaps of a Poisson process whose rate is the
 * curve's, by its integral as the time scale (Çınlar, Introduction to Stochastic Processes, 1975).
 */
export function* arrivalTimes(
  phases: readonly Phase[],
  spacing: 'poisson' | 'even',
  random: () => number,
): Generator<number, void, void> {
  const gap = spacing === 'even' ? () => 1 : () => -Math.log(1 - random());
  let phaseFrom = 0;
  /** Integral at the start of the phase, and at the next arrival. */
  let arrived = 0;
  let next = spacing === 'even' ? 0 : gap();
  for (const phase of phases) {
    const { arrivalsBy, durationMs } = curveOf(phase);
    const arrivedAtEnd = arrived + arrivalsBy(durationMs);
    let from = 0;
    for (; next < arrivedAtEnd; next += gap()) {
      from = whenReached(arrivalsBy, next - arrived, from, durationMs);
      yield phaseFrom + from;
    }
    arrived = arrivedAtEnd;
    phaseFrom += durationMs;
  }
}

/** The moment between two at which a function that never falls reaches a value. */
function whenReached(
  arrivalsBy: (ms: number) => number,
  value: number,
  from: number,
  to: number,
): number {
  let [low, high] = [from, to];
  for (let halving = 0; halving < halvings && high > low; halving++) {
    const middle = (low + high) / 2;
    if (arrivalsBy(middle) < value) low = middle;
    else high = middle;
  }
  return high;
}

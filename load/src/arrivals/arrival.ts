import type { Phase } from '../scenario/scenario.ts';
import type { Action } from '../scenario/scenario-shape.ts';
import { arrivalTimes } from './arrival-times.ts';
import { seededRandom } from './seeded-random.ts';

/** Something that somebody does at a moment that does not depend on what the server does. */
export interface Arrival {
  /** Milliseconds since the load began. */
  readonly dueMs: number;
  readonly action: Action;
  /** From 0; each belongs to one thread. */
  readonly player: number;
  /** What is answered, by its place in the hunt; undefined: as the player chooses. */
  readonly step?: number;
  /** False within a warm-up. */
  readonly counts: boolean;
}

/** A recorded contest made ready: three lists of the same length, in the order of time. Plain data. */
export interface TracePlan {
  readonly dueMs: Float64Array;
  readonly player: Uint32Array;
  /** Place of the step in the hunt, twice that for a wrong answer and one more for a right one. */
  readonly answer: Uint32Array;
}

/** Everything that decides what is sent when. Plain data, the same in every thread. */
export interface ArrivalPlan {
  readonly seed: number;
  readonly spacing: 'poisson' | 'even';
  readonly phases: readonly Phase[];
  readonly mix: Readonly<Record<Action, number>>;
  readonly players: number;
  readonly trace: TracePlan | undefined;
}

/** Milliseconds from the first moment of the plan to its last. */
export function planDuration({ phases, trace }: ArrivalPlan): number {
  const last = trace?.dueMs.at(-1);
  return last === undefined
    ? phases.reduce((sum, { durationMs }) => sum + durationMs, 0)
    : last + 1;
}

/**
 * The arrivals of one thread of several, in the order of time. Together the threads send what one would:
 * each walks through the whole plan and takes what its players do.
 */
export function* arrivalsOf(
  plan: ArrivalPlan,
  thread = 0,
  threads = 1,
): Generator<Arrival, void, void> {
  const all = plan.trace === undefined ? madeArrivals(plan) : tracedArrivals(plan.trace);
  for (const arrival of all) {
    if (arrival.player % threads === thread) yield arrival;
  }
}

function* madeArrivals(plan: ArrivalPlan): Generator<Arrival, void, void> {
  const { seed, spacing, phases, mix, players } = plan;
  // Apart, so that another mix leaves the moments as they are.
  const [times, choices] = [seededRandom(seed), seededRandom(seed + 0x5eed)];
  const choose = chooser(mix);
  const endings = endingsOf(phases);
  let phase = 0;
  for (const dueMs of arrivalTimes(phases, spacing, times)) {
    while (phase < phases.length - 1 && dueMs >= endings[phase]!) phase += 1;
    const action = choose(choices());
    const player = Math.floor(choices() * players);
    yield { dueMs, action, player, counts: phases[phase]!.counts };
  }
}

function* tracedArrivals({ dueMs, player, answer }: TracePlan): Generator<Arrival, void, void> {
  for (const [index, due] of dueMs.entries()) {
    const code = answer[index]!;
    yield {
      ...{ dueMs: due, player: player[index]!, counts: true, step: code >>> 1 },
      action: code % 2 === 1 ? 'answer-right' : 'answer-wrong',
    };
  }
}

function endingsOf(phases: readonly Phase[]): number[] {
  let end = 0;
  return phases.map(({ durationMs }) => {
    end += durationMs;
    return end;
  });
}

/** Picks by weight, from a number from 0 to below 1. */
function chooser(mix: Readonly<Record<Action, number>>): (random: number) => Action {
  const entries = (Object.entries(mix) as [Action, number][]).filter(([, weight]) => weight > 0);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  return (random) => {
    let rest = random * total;
    for (const [action, weight] of entries) {
      rest -= weight;
      if (rest < 0) return action;
    }
    return entries.at(-1)![0];
  };
}

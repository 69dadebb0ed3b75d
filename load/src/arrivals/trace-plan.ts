import type { HuntDefinition } from '@hunt/rules';
import { loadErrors } from '../errors.ts';
import type { TraceWindow } from '../scenario/scenario.ts';
import { scenarioLimits } from '../scenario/scenario-limits.ts';
import type { TracePlan } from './arrival.ts';

/** What somebody answered once, as recorded. */
export interface TracedAnswer {
  readonly team: string;
  /** Id of the step. */
  readonly step: string;
  readonly isRight: boolean;
  /** Since the contest began. */
  readonly atMs: number;
}

/** A part of a recorded contest as arrivals, a player for each team that takes part in it. */
export interface TracedCrowd {
  readonly plan: TracePlan;
  readonly players: number;
  /** Most that are due within one second of the run. */
  readonly peakPerSecond: number;
}

/**
 * Cuts the window out of a recorded contest and sets its pace. Throws load-trace-window-empty,
 * load-scenario-arrivals-too-many.
 */
export function tracedCrowd(
  answers: readonly TracedAnswer[],
  { fromMs, forMs, speed }: TraceWindow,
  hunt: HuntDefinition,
): TracedCrowd {
  const within = answers
    .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + forMs)
    .sort((one, other) => one.atMs - other.atMs);
  if (within.length === 0) {
    throw loadErrors.create('load-trace-window-empty', {
      ...{ fromSeconds: fromMs / 1_000, forSeconds: forMs / 1_000 },
    });
  }
  if (within.length > scenarioLimits.arrivals) {
    const limit = scenarioLimits.arrivals;
    throw loadErrors.create('load-scenario-arrivals-too-many', { count: within.length, limit });
  }
  const players = new Map<string, number>();
  const steps = new Map(hunt.steps.map(({ id }, index) => [id, index]));
  const plan: TracePlan = {
    dueMs: new Float64Array(within.length),
    player: new Uint32Array(within.length),
    answer: new Uint32Array(within.length),
  };
  for (const [index, { team, step, isRight, atMs }] of within.entries()) {
    const player = players.get(team) ?? players.size;
    players.set(team, player);
    plan.dueMs[index] = (atMs - fromMs) / speed;
    plan.player[index] = player;
    plan.answer[index] = steps.get(step)! * 2 + (isRight ? 1 : 0);
  }
  return { plan, players: players.size, peakPerSecond: peakOf(plan.dueMs) };
}

function peakOf(dueMs: Float64Array): number {
  let peak = 0;
  let from = 0;
  for (const [index, due] of dueMs.entries()) {
    while (dueMs[from]! <= due - 1_000) from += 1;
    peak = Math.max(peak, index - from + 1);
  }
  return peak;
}

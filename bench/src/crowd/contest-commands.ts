import { commandType, type HuntDefinition, type Id } from '@hunt/rules';
import { answerHashesOf, answerSteps } from './bench-hunt.ts';
import type { NextCommand } from './command-feeder.ts';
import { seededRandom } from './seeded-random.ts';

/** Teams of one contest; contests follow one another, each with teams of its own. */
const teamsPerContest = 2_400;
const right = 0xff;
const placeStep = answerSteps;

/** Kinds of command in a contest's plan. */
const answer = 0;
const checkIn = 1;
const hint = 2;
const register = 3;

interface Plan {
  readonly kinds: Uint8Array;
  readonly teams: Uint16Array;
  readonly steps: Uint8Array;
  /** `right`, or which wrong answer. */
  readonly answers: Uint8Array;
  readonly length: number;
}

/** The id of a team by its number; never 0. */
export function teamId(number: number): Id {
  return { low: Math.imul(number + 1, 0x9e3779b1), high: number + 1 };
}

/**
 * One contest after another: each team registers, tries every step four times in vain and then solves
 * it, looks in on the place twice and takes a hint. So 80 % of all answers are wrong, nearly none is
 * refused for being late, and each contest brings new teams, as a growing crowd does.
 */
export function contestCommands(definition: HuntDefinition, firstContest = 0): NextCommand {
  const hashes = answerHashesOf(definition);
  const plan = contestPlan(hashes.wrong.length);
  let ids: Id[] = [];
  let at = plan.length;
  let contest = firstContest;
  return (plain, hashed) => {
    if (at === plan.length) {
      at = 0;
      const first = contest++ * teamsPerContest;
      ids = Array.from({ length: teamsPerContest }, (_, team) => teamId(first + team));
    }
    const step = plan.steps[at]!;
    const kind = plan.kinds[at]!;
    const which = plan.answers[at]!;
    const draft = kind === answer ? hashed : plain;
    draft.team = ids[plan.teams[at]!]!;
    draft.item = step;
    if (kind === answer) {
      draft.type = commandType.submitAnswer;
      hashed.extra = which === right ? hashes.right[step]! : hashes.wrong[which]!;
    } else {
      draft.type = plainTypes[kind]!;
      draft.value = kind === checkIn ? distances[which === right ? 0 : 1] : 0;
      draft.detail = kind === checkIn ? accuracyMeters : 0;
    }
    at += 1;
    return draft;
  };
}

/** Inside the place and outside of it, in metres. */
const distances = [20, 500] as const;
const accuracyMeters = 10;

const plainTypes: Readonly<Record<number, number>> = {
  [checkIn]: commandType.checkIn,
  [hint]: commandType.takeHint,
  [register]: commandType.registerTeam,
};

type Move = readonly [kind: number, step: number, answer: number];

/** What each team does in its order, the teams mixed at random. */
function contestPlan(wrongAnswers: number): Plan {
  const random = seededRandom(1);
  const moves = Array.from({ length: teamsPerContest }, () => teamMoves(random, wrongAnswers));
  const perTeam = moves[0]!.length;
  const length = perTeam * teamsPerContest;
  const turns = new Uint16Array(length);
  for (let at = 0; at < length; at++) turns[at] = at % teamsPerContest;
  shuffle(turns, random);
  const plan: Plan = {
    kinds: new Uint8Array(length),
    teams: turns,
    steps: new Uint8Array(length),
    answers: new Uint8Array(length),
    length,
  };
  const done = new Uint16Array(teamsPerContest);
  for (let at = 0; at < length; at++) {
    const team = turns[at]!;
    const [kind, step, given] = moves[team]![done[team]!++]!;
    plan.kinds[at] = kind;
    plan.steps[at] = step;
    plan.answers[at] = given;
  }
  return plan;
}

function teamMoves(random: () => number, wrongAnswers: number): Move[] {
  const steps = new Uint16Array(answerSteps * 5);
  for (let at = 0; at < steps.length; at++) steps[at] = at % answerSteps;
  shuffle(steps, random);
  const tries = new Uint8Array(answerSteps);
  const moves: Move[] = [[register, 0, 0]];
  for (const step of steps) {
    tries[step]! += 1;
    const given = tries[step] === 5 ? right : Math.floor(random() * wrongAnswers);
    moves.push([answer, step, given]);
  }
  moves.splice(20, 0, [checkIn, placeStep, 0], [hint, 0, 0]);
  moves.push([checkIn, placeStep, right]);
  return moves;
}

function shuffle(values: Uint16Array, random: () => number): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const value = values[last]!;
    values[last] = values[other]!;
    values[other] = value;
  }
}

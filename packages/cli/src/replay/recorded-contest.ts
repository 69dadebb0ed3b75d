import { createHash } from 'node:crypto';
import { type HuntDefinition, normalizeAnswer } from '@hunt/rules';
import { parseContestTrace } from '@hunt/rules/definition';
import type { RecordedCommand } from '@hunt/sdk';
import { cliErrors } from '../errors.ts';

/** A submission of the trace as a command of the hunt. */
export type ContestCommand = RecordedCommand & {
  readonly id: string;
  readonly team: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
};

/** A trace made ready to be sent. */
export interface RecordedContest {
  /** In the order of the trace. */
  readonly commands: readonly ContestCommand[];
  /** In the order of their first submission. */
  readonly teams: readonly string[];
  /** Of the last submission, since the hunt opened. */
  readonly durationMs: number;
}

/**
 * Turns a trace into commands of a hunt: problem to step by title or id, `correct` to the step's first
 * accepted answer. The id of a command follows from the trace and its place alone, so that the same
 * trace sent twice counts once. Throws cli-trace-problem-unknown and what `parseContestTrace` throws.
 */
export function recordedContest(csv: string, hunt: HuntDefinition): RecordedContest {
  const submissions = parseContestTrace(csv);
  const trace = createHash('sha256').update(csv).digest('hex').slice(0, 16);
  const steps = new Map<string, StepAnswers>();
  const teams = new Set<string>();
  let durationMs = 0;
  const commands = submissions.map(({ seconds, team, problem, correct }, index) => {
    const step = steps.get(problem) ?? stepFor(hunt, problem, lineOf(index));
    steps.set(problem, step);
    teams.add(team);
    const afterMs = Math.floor(seconds * 1_000);
    durationMs = Math.max(durationMs, afterMs);
    return {
      type: 'submit-answer' as const,
      id: `${trace}-${lineOf(index)}`,
      team,
      step: step.id,
      answer: correct ? step.right : step.wrong,
      at: hunt.opensAt + afterMs,
    };
  });
  return { commands, teams: [...teams], durationMs };
}

/** Line of a submission when the file has no empty lines; in any case a number of its own. */
export function lineOf(index: number): number {
  return index + 2;
}

interface StepAnswers {
  readonly id: string;
  readonly right: string;
  readonly wrong: string;
}

function stepFor(hunt: HuntDefinition, problem: string, line: number): StepAnswers {
  const step =
    hunt.steps.find(({ title, kind }) => kind === 'answer' && title === problem) ??
    hunt.steps.find(({ id, kind }) => kind === 'answer' && id === problem);
  const right = step?.answers[0];
  if (step === undefined || right === undefined) {
    throw cliErrors.create('cli-trace-problem-unknown', { line, problem });
  }
  return { id: step.id, right, wrong: wrongAnswer(step.answers) };
}

function wrongAnswer(accepted: readonly string[]): string {
  for (let number = 0; ; number++) {
    const candidate = number === 0 ? 'wrong' : `wrong ${number}`;
    if (!accepted.includes(normalizeAnswer(candidate) ?? candidate)) return candidate;
  }
}

/**
 * Divides the commands among clients, by index in `contest.commands`: a team's all go to one client,
 * in their order.
 */
export function divideByTeam(contest: RecordedContest, clients: number): number[][] {
  const clientOf = new Map(contest.teams.map((team, index) => [team, index % clients]));
  const parts = Array.from({ length: clients }, (): number[] => []);
  for (const [index, { team }] of contest.commands.entries()) {
    parts[clientOf.get(team)!]!.push(index);
  }
  return parts.filter((part) => part.length > 0);
}

import { outcome as outcomeCode, refusalOf } from '@hunt/rules';
import { type CodedError, decisionStatus, platformCode, veltrixErrors } from 'veltrix';
import { engineErrors } from '../errors.ts';
import type { CommandOutcome } from './command-outcome.ts';
import type { CommandRequest } from './command-request.ts';
import type { DirectoryHunt } from './hunt-directory.ts';
import { problemOf } from './problem.ts';

/** Names of an outcome's two values; `treasure` is shown by its id. */
type ValueNames = readonly [a?: string, b?: string];

/** What the values of each outcome are called: a missing one does not compile. Refusals say theirs in words. */
export const outcomeValues: Readonly<Record<keyof typeof outcomeCode, ValueNames>> = {
  published: [],
  registered: [],
  joinPending: [],
  joined: [],
  solved: ['points', 'total'],
  wrong: ['wrongAnswers', 'coolDownSeconds'],
  tooFar: ['distanceMeters', 'radiusMeters'],
  tooCoarse: ['accuracyMeters', 'accuracyLimitMeters'],
  hintTaken: ['cost', 'total'],
  claimPending: ['treasure'],
  granted: ['treasure', 'number'],
  reserved: ['treasure', 'expiresInSeconds'],
  collectPending: ['treasure'],
  collected: ['treasure', 'number'],
  huntUnknown: [],
  huntNotOpen: [],
  huntClosed: [],
  teamUnknown: [],
  stepUnknown: [],
  stepNotOpen: [],
  alreadySolved: [],
  coolingDown: [],
  hintUnknown: [],
  hintAlreadyTaken: [],
  stepOfOtherKind: [],
  treasureUnknown: [],
  treasureNotOpen: [],
  treasureLimitReached: [],
  soldOut: [],
  nothingReserved: [],
  reservationGone: [],
  alreadyInTeam: [],
  teamFull: [],
  notATeamHunt: [],
  definitionOutdated: [],
  definitionIncompatible: [],
  noRoom: [],
  decideFailed: [],
};

interface NamedOutcome {
  readonly name: string;
  readonly values: ValueNames;
}

const namedByCode = new Map<number, NamedOutcome>(
  Object.entries(outcomeCode).map(([key, code]) => {
    const values = outcomeValues[key as keyof typeof outcomeCode];
    return [code, { name: kebabCase(key), values }];
  }),
);

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Name of an outcome as clients see it, such as `hint-taken`. */
export function outcomeName(code: number): string {
  return namedByCode.get(told(code))?.name ?? 'unknown';
}

/** A partition without room says the same to a command as to a message. */
function told(code: number): number {
  return code === platformCode.noRoom ? outcomeCode.noRoom : code;
}

/** What a command was about, as far as its result speaks of it. */
export type ResultContext = Pick<DirectoryHunt, 'definition'>;

/** The error of an outcome by which a command was refused, or failed; undefined when it had its effect. */
export function refusalError({ status, code, a, b }: CommandOutcome): CodedError | undefined {
  if (status === decisionStatus.accepted) return undefined;
  if (status === decisionStatus.failed) return veltrixErrors.create('veltrix-decide-failed');
  if (code === platformCode.commandIdReused) {
    return veltrixErrors.create('veltrix-command-id-reused');
  }
  return refusalOf(told(code), a, b) ?? engineErrors.create('engine-internal');
}

/** The JSON object of a command that had its effect; written by hand, as every request ends here. */
export function acceptedJson(
  commandId: string,
  { repeated, code, a, b }: CommandOutcome,
  hunt: ResultContext,
  request: CommandRequest | undefined,
): string {
  const named = namedByCode.get(code);
  let json = `{"commandId":"${commandId}","status":"accepted","repeated":${repeated},"outcome":"${named?.name ?? 'unknown'}"`;
  if (named !== undefined) {
    const [nameA, nameB] = named.values;
    if (nameA === 'treasure') json += treasureMember(hunt, a);
    else if (nameA !== undefined) json += `,"${nameA}":${a}`;
    if (nameB !== undefined) json += `,"${nameB}":${b}`;
  }
  if (code === outcomeCode.hintTaken && request?.type === 'take-hint') {
    json += hintMember(hunt, request.step, request.hint);
  }
  return `${json}}`;
}

function treasureMember({ definition }: ResultContext, number: number): string {
  const treasure = definition.treasures[number];
  return treasure === undefined ? '' : `,"treasure":"${treasure.id}"`;
}

function hintMember({ definition }: ResultContext, stepId: string, hint: number): string {
  const step = definition.steps.find(({ id }) => id === stepId);
  const text = step?.hints[hint - 1]?.text;
  return text === undefined ? '' : `,"text":${JSON.stringify(text)}`;
}

/** The problem document of a command that a rule refused, with `commandId` and `repeated`. */
export function refusalProblem(commandId: string, outcome: CommandOutcome, error: CodedError) {
  return { ...problemOf(error), commandId, repeated: outcome.repeated };
}

/** One result of a batch or a socket, of a command that was decided. */
export function resultJson(
  commandId: string,
  outcome: CommandOutcome,
  hunt: ResultContext,
  request: CommandRequest,
): string {
  const error = refusalError(outcome);
  if (error === undefined) return acceptedJson(commandId, outcome, hunt, request);
  const { code, detail, retry, retryAfterSeconds } = problemOf(error);
  return JSON.stringify({
    commandId,
    status: 'rejected',
    repeated: outcome.repeated,
    outcome: outcomeName(outcome.code),
    code,
    detail,
    retry,
    retryAfterSeconds,
  });
}

/** One result of a batch or a socket, of a command that was not taken. Nothing is known of its id. */
export function notTakenJson(error: unknown): string {
  const { code, detail, retry, retryAfterSeconds } = problemOf(error);
  return JSON.stringify({ code, detail, retry, retryAfterSeconds });
}

/** One result of a batch or a socket, of a command that is not decided yet. */
export function undecidedJson(undecidedCommandId: string): string {
  const { code, detail, retry } = problemOf(engineErrors.create('engine-outcome-undecided'));
  return JSON.stringify({ code, detail, retry, undecidedCommandId });
}

import { subject } from '@hunt/rules';
import {
  DecisionRecordReader,
  type DecisionView,
  decisionStatus,
  type EventView,
  firstApplicationType,
  platformCode,
} from 'veltrix';
import { type Checker, SimulationFailure } from 'veltrix/simulator';
import type { ArchivedOutcome } from '../../archive/archived-outcome.ts';
import { undecided } from '../../gateway/recent-outcomes.ts';
import { isLastWord, isPending, settledStatus } from '../../last-word.ts';
import type { DecidedRecord, GatewayMemory } from './gateway-memory.ts';
import { sendingOf } from './taken-command.ts';

const name = 'told-outcomes';

export interface ToldOutcomesOptions {
  /** Simulated milliseconds. */
  readonly now: () => number;
  /** The archive has what was durable by then. */
  readonly archivedUntil: () => number;
}

/** Somebody asks what became of a command. */
export interface Question {
  readonly commandId: string;
  readonly gateway: GatewayMemory;
  readonly archivedUntil: number;
}

/** What he is told. */
export type Told =
  | { readonly outcome: ArchivedOutcome | undefined }
  /** That it cannot be said. */
  | { readonly error: unknown };

interface LoggedOutcome extends ArchivedOutcome {
  readonly durableAt: number;
}

/** What the log has of a command: more than one of each where its id was forgotten and used again. */
interface LoggedCommand {
  readonly decisions: LoggedOutcome[];
  readonly lastWords: LoggedOutcome[];
  /** Refusals of other commands that came under its id. */
  readonly reuses: LoggedOutcome[];
}

const nothing: LoggedCommand = { decisions: [], lastWords: [], reuses: [] };

/**
 * Who asks what became of a command is told what the log has of it. He is told that another partition has it while the
 * last word is known neither to the gateway nor to the archive, that it is on its way while it may be, that it is
 * unknown where neither knows of it, and that the archive does not answer where it does not and the gateway knows
 * nothing.
 */
export class ToldOutcomes implements Checker {
  readonly name = name;
  /** Answers, by what they were. */
  readonly counts = { final: 0, pending: 0, underWay: 0, unknown: 0, failed: 0 };
  readonly #options: ToldOutcomesOptions;
  readonly #reader = new DecisionRecordReader();
  readonly #log = new Map<string, LoggedCommand>();
  /** Of the record that became durable last. */
  #latest: DecidedRecord = { origin: 0, decisions: [], lastWords: [] };

  constructor(options: ToldOutcomesOptions) {
    this.#options = options;
  }

  decided(_partition: number, _offset: number, events: Uint8Array): void {
    const reader = this.#reader;
    reader.open(events);
    const decisions: DecidedRecord['decisions'][number][] = [];
    const lastWords: string[] = [];
    while (reader.next()) {
      const { decision, event } = reader;
      if (decision.commandType >= firstApplicationType) decisions.push(this.#decided(decision));
      while (reader.nextEvent()) if (isLastWord(event.type)) lastWords.push(this.#settled(event));
    }
    this.#latest = { origin: reader.origin, decisions, lastWords };
  }

  #decided(decision: DecisionView): DecidedRecord['decisions'][number] {
    const { bytes, idStart, receivedAt, status, code, a, b } = decision;
    const id = hexAt(bytes, idStart);
    const isReused = code === platformCode.commandIdReused;
    if (status !== decisionStatus.repeated) {
      const { decisions, reuses } = this.#of(id);
      (isReused ? reuses : decisions).push(this.#logged({ status, code, a, b }));
    }
    return { id, sending: sendingOf(id, receivedAt), isReused, isPending: isPending(code) };
  }

  #settled({ bytes, view, payloadStart }: EventView): string {
    const id = hexAt(bytes, subject.extra(payloadStart));
    const code = subject.detail(view, payloadStart);
    const [a, b] = [subject.item(view, payloadStart), subject.value(view, payloadStart)];
    this.#of(id).lastWords.push(this.#logged({ status: settledStatus(code), code, a, b }));
    return id;
  }

  #logged(outcome: ArchivedOutcome): LoggedOutcome {
    return { ...outcome, durableAt: this.#options.now() };
  }

  #of(id: string): LoggedCommand {
    let logged = this.#log.get(id);
    if (!logged) {
      logged = { decisions: [], lastWords: [], reuses: [] };
      this.#log.set(id, logged);
    }
    return logged;
  }

  /** All that is durable of a command, also of others that came under its id. */
  logged(commandId: string): readonly ArchivedOutcome[] {
    const { decisions, lastWords, reuses } = this.#log.get(commandId) ?? nothing;
    return [...decisions, ...lastWords, ...reuses];
  }

  /** The gateway hears of the record that became durable last. */
  heard(gateway: GatewayMemory): void {
    gateway.heard(this.#latest);
  }

  asked(commandId: string, gateway: GatewayMemory): Question {
    return { commandId, gateway, archivedUntil: this.#options.archivedUntil() };
  }

  /** Throws `SimulationFailure` where it may not be told. */
  answered(question: Question, told: Told, hasArchiveFailed: boolean): void {
    const wrong =
      'error' in told
        ? this.#failed(question, hasArchiveFailed)
        : this.#told(question, told.outcome, hasArchiveFailed);
    if (wrong === undefined) return;
    const { decisions, lastWords } = this.#log.get(question.commandId) ?? nothing;
    const texts = [...decisions, ...lastWords].map(textOf);
    const has = texts.length === 0 ? 'nothing' : texts.join(', then ');
    const error = 'error' in told ? `: ${told.error}` : '';
    throw new SimulationFailure(name, `${question.commandId} ${wrong}${error}; the log has ${has}`);
  }

  /** Why it is wrong, if it is. */
  #failed({ commandId, gateway }: Question, hasArchiveFailed: boolean): string | undefined {
    this.counts.failed += 1;
    if (hasArchiveFailed && !gateway.knows(commandId)) return undefined;
    return 'cannot be told of';
  }

  #told(
    question: Question,
    outcome: ArchivedOutcome | undefined,
    hasArchiveFailed: boolean,
  ): string | undefined {
    const { commandId, gateway } = question;
    const { decisions, lastWords } = this.#log.get(commandId) ?? nothing;
    const hasArchive = ([first]: readonly LoggedOutcome[]) =>
      first !== undefined && first.durableAt <= question.archivedUntil;
    if (outcome === undefined) {
      this.counts.unknown += 1;
      return gateway.knows(commandId) || hasArchive(decisions)
        ? 'is told to be unknown'
        : undefined;
    }
    if (outcome.status === undecided) {
      this.counts.underWay += 1;
      return gateway.mayBeUnderWay(commandId) ? undefined : 'is told to be on its way';
    }
    const text = textOf(outcome);
    if (![...decisions, ...lastWords].some((logged) => textOf(logged) === text))
      return `is told to be ${text}`;
    if (!isPending(outcome.code)) {
      this.counts.final += 1;
      return undefined;
    }
    this.counts.pending += 1;
    const isKnown =
      gateway.knowsLastWord(commandId) || (hasArchive(lastWords) && !hasArchiveFailed);
    // Of what was decided anew another last word may be to come.
    return isKnown && decisions.length === 1 ? `is told to be pending (${text})` : undefined;
  }
}

function textOf({ status, code, a, b }: ArchivedOutcome): string {
  return `${status} ${code} ${a} ${b}`;
}

function hexAt(bytes: Uint8Array, start: number): string {
  return Buffer.from(bytes.subarray(start, start + 16)).toString('hex');
}

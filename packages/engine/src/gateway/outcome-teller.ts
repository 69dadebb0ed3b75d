import { eventType, subject } from '@hunt/rules';
import {
  type Clock,
  type DecisionView,
  decisionStatus,
  type EventView,
  platformCode,
} from 'veltrix';
import type { ArchivedOutcome } from '../archive/archived-outcome.ts';
import { isLastWord, isPending, settledStatus } from '../last-word.ts';
import type { CommandBatch } from './command-batch.ts';
import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';
import { type AskForLastWord, LastWordSearch } from './last-word-search.ts';
import { PendingOutcomes } from './pending-outcomes.ts';
import { type RecentOutcome, RecentOutcomes, undecided } from './recent-outcomes.ts';

export interface OutcomeTellerOptions {
  readonly clock: Clock;
  /** Limit of outcomes that are remembered. */
  readonly recentMax: number;
  /** Limit of those who wait for the last word of another partition. */
  readonly pendingMax: number;
  /** How long those wait. */
  readonly waitMaxMs: () => number;
  /** Somebody begins to wait: `expire` has to be called. */
  readonly onPending: () => void;
  /** Asked for the last word of what was decided before this process began to hear; nobody where undefined. */
  readonly askForLastWord: AskForLastWord | undefined;
  /** A listener threw: a mistake of ours that must not cost the others of its batch their outcome. */
  readonly onListenerError: (error: unknown) => void;
}

const onItsWay = { status: undecided, repeated: false, code: 0, a: 0, b: 0 };

/** Tells those who wait what became of their commands, each once, and remembers it for those who ask later. */
export class OutcomeTeller {
  readonly recent: RecentOutcomes;
  readonly pending: PendingOutcomes;
  readonly #clock: Clock;
  readonly #waitMaxMs: () => number;
  readonly #onPending: () => void;
  readonly #onListenerError: (error: unknown) => void;
  readonly #search: LastWordSearch | undefined;
  readonly #outcome: CommandOutcome = { status: 0, repeated: false, code: 0, a: 0, b: 0 };

  constructor(options: OutcomeTellerOptions) {
    this.recent = new RecentOutcomes(options.recentMax);
    this.pending = new PendingOutcomes(options.pendingMax);
    this.#clock = options.clock;
    this.#waitMaxMs = options.waitMaxMs;
    this.#onPending = options.onPending;
    this.#onListenerError = options.onListenerError;
    this.#search = options.askForLastWord && this.#searchBy(options.askForLastWord);
  }

  #searchBy(ask: AskForLastWord): LastWordSearch {
    return new LastWordSearch({
      ...{ clock: this.#clock, ask },
      isWaitedFor: (id) => this.pending.has(id, 0),
      found: (id, word) => this.#found(id, word),
    });
  }

  /** The command whose id is at `idStart` is on its way. Returns its place among the recent ones. */
  sent(view: DataView, idStart: number): number {
    return this.recent.put(view, idStart, onItsWay);
  }

  /** Of a decision of a batch. */
  decided(batch: CommandBatch, decision: DecisionView): void {
    const repeated = decision.status === decisionStatus.repeated;
    const outcome = this.#outcome;
    outcome.repeated = repeated;
    outcome.status = repeated ? decision.firstStatus : decision.status;
    outcome.code = decision.code;
    outcome.a = decision.a;
    outcome.b = decision.b;
    if (isPending(decision.code) && this.#isUnsettled(batch, decision)) return;
    // The id belongs to the command that had it first: what is told of it later is that one's outcome.
    if (decision.code === platformCode.commandIdReused) {
      this.recent.takeBack(batch.places[decision.index]!);
    } else this.#remember(batch.ids, decision.index * 16, outcome);
    this.#deliver(batch.listeners[decision.index], batch.tags[decision.index]!);
  }

  /** Keeps the waiter of a pending outcome for its last word, unless that is known already. */
  #isUnsettled(batch: CommandBatch, decision: DecisionView): boolean {
    const outcome = this.#outcome;
    const idStart = decision.index * 16;
    const known = outcome.repeated
      ? this.recent.find(batch.ids, idStart, tellsOfLastWord)
      : undefined;
    if (known && isSettled(known)) {
      outcome.status = known.status;
      outcome.code = known.code;
      outcome.a = known.a;
      outcome.b = known.b;
      return false;
    }
    this.#remember(batch.ids, idStart, outcome);
    const listener = batch.listeners[decision.index];
    if (listener === undefined) return true;
    if (listener.takesPending) return false;
    const until = this.#clock.now() + this.#waitMaxMs();
    const tag = batch.tags[decision.index]!;
    this.#onPending();
    const joining = outcome.repeated ? undefined : listener.joining;
    const isAdded = joining
      ? this.pending.add(joining, 0, outcome, listener, tag, until)
      : this.pending.add(batch.ids, idStart, outcome, listener, tag, until);
    if (!isAdded) return false;
    if (outcome.repeated) this.#tell(listener, (one) => one.onLastWordAwaited?.(tag));
    // Of a first decision that was heard here, the last word will be, too.
    if (outcome.repeated && !known) this.#search?.want(batch.ids, idStart);
    return true;
  }

  /** Of an event, which may be the last word of another partition. */
  settled(event: EventView): void {
    const { type, view, payloadStart } = event;
    if (!isLastWord(type)) return;
    const idStart = subject.extra(payloadStart);
    const outcome = this.#outcome;
    outcome.code = subject.detail(view, payloadStart);
    outcome.status = settledStatus(outcome.code);
    outcome.a = subject.item(view, payloadStart);
    outcome.b = subject.value(view, payloadStart);
    this.#tellLastWord(view, idStart);
    if (isJoinAnswered(type)) this.#tellWaiting(view, subject.member(payloadStart));
  }

  /** The archive has it; meanwhile it may have been heard, or nobody waits any more. */
  #found(id: DataView, { status, code, a, b }: ArchivedOutcome): void {
    if (!this.pending.has(id, 0)) return;
    Object.assign(this.#outcome, { status, code, a, b });
    this.#tellLastWord(id, 0);
  }

  #tellLastWord(view: DataView, idStart: number): void {
    this.#remember(view, idStart, this.#outcome);
    this.#tellWaiting(view, idStart);
  }

  #tellWaiting(view: DataView, keyStart: number): void {
    const outcome = this.#outcome;
    for (;;) {
      const waiting = this.pending.take(view, keyStart);
      if (waiting === undefined) return;
      outcome.repeated = waiting.repeated;
      this.#deliver(waiting.listener, waiting.tag);
    }
  }

  /** None of the batch was taken. */
  refused(batch: CommandBatch, error: Error): void {
    this.forget(batch);
    for (let index = 0; index < batch.count; index++) {
      this.#tell(batch.listeners[index], (listener) => {
        listener.onRefused(batch.tags[index]!, error);
      });
    }
  }

  /** That the batch is on its way is not known any more. */
  forget(batch: CommandBatch): void {
    for (let index = 0; index < batch.count; index++) this.recent.takeBack(batch.places[index]!);
  }

  /** The batch was not decided in time: from now on nobody waits for it. */
  undecided(batch: CommandBatch): void {
    for (let index = 0; index < batch.count; index++) {
      const listener = batch.listeners[index];
      batch.listeners[index] = undefined;
      this.#tell(listener, (one) => one.onUndecided(batch.tags[index]!));
    }
  }

  /** Gives those their pending outcome whose time is over; returns how many they were. */
  expire(now: number): number {
    for (let count = 0; ; count++) {
      const waiting = this.pending.takeExpired(now);
      if (waiting === undefined) return count;
      Object.assign(this.#outcome, waiting.outcome);
      this.#deliver(waiting.listener, waiting.tag);
    }
  }

  /** Asks no more for last words. */
  close(): void {
    this.#search?.close();
  }

  #remember(view: DataView, idStart: number, outcome: CommandOutcome): void {
    this.recent.put(view, idStart, outcome);
  }

  #deliver(listener: OutcomeListener | undefined, tag: number): void {
    try {
      listener?.onOutcome(tag, this.#outcome);
    } catch (error) {
      this.#onListenerError(error);
    }
  }

  #tell(listener: OutcomeListener | undefined, tell: (listener: OutcomeListener) => void): void {
    if (listener === undefined) return;
    try {
      tell(listener);
    } catch (error) {
      this.#onListenerError(error);
    }
  }
}

function isJoinAnswered(type: number): boolean {
  return type === eventType.playerJoined || type === eventType.playerRefused;
}

/** Whether it is the last word on a command, or says that this process hears it: what is pending for the first time. */
export function tellsOfLastWord({ status, code, repeated }: RecentOutcome): boolean {
  return status !== undecided && !(repeated && isPending(code));
}

/** Whether no other outcome follows. */
export function isSettled({ status, code }: RecentOutcome): boolean {
  return status !== undecided && !isPending(code);
}

import type { LogIdentity } from '../log/log.ts';
import { type DecisionView, decisionStatus, type EventView } from '../records/decision-record.ts';
import type { StateSpace } from '../state/state-space.ts';
import type { Table } from '../state/table.ts';
import type { PartitionContext } from './application.ts';
import { DecidedIds, type RememberedOutcome } from './decided-ids.ts';
import { Outbox } from './outbox.ts';
import { platformCode, platformEvent } from './platform-records.ts';
import { TimerTable } from './timer-table.ts';

/**
 * The table that says how far the log was decided, and by whom: of one log, whereas all other tables are
 * the same wherever the same was decided.
 */
export const progressTable = 'progress';

/** Words of the single row of the `progress` table. */
const decidedOffset = 0; // f64: offset of the last command record decided, -1 before the first
const decidedCount = 1; // f64: decisions so far
const rememberedCount = 2; // f64: command ids ever put into the dedupe ring
const ownerEpoch = 6; // u32: epoch of the latest owner, 0 in a log that nobody shares
const ownerSequence = 7; // u32: number of the latest decision record of this owner

/**
 * The platform's part of a partition's state: how far it has decided, the latest command ids with
 * their outcomes, timers, outbox and inbox. Like the application's part it changes by events only.
 */
export class PlatformState {
  readonly timers: TimerTable;
  readonly outbox: Outbox;
  readonly #progress: Table;
  readonly #decidedIds: DecidedIds;

  constructor(space: StateSpace, context: PartitionContext, identity: LogIdentity) {
    this.#progress = space.table(progressTable, 32, 1);
    this.#decidedIds = new DecidedIds(space, identity.dedupeWindow);
    this.timers = new TimerTable(space);
    this.outbox = new Outbox(space, context);
    this.#progress.add();
    this.#progress.write(0).floats[decidedOffset] = -1;
  }

  get decidedOffset(): number {
    return this.#progress.page(0).floats[decidedOffset]!;
  }

  /** Decisions made since the log began, platform commands included. */
  get decisionCount(): number {
    return this.#progress.page(0).floats[decidedCount]!;
  }

  /** Epoch of the latest owner; 0 in a log that nobody shares. */
  get epoch(): number {
    return this.#progress.page(0).words[ownerEpoch]! >>> 0;
  }

  /** Number of the latest decision record among those of this owner. */
  get sequence(): number {
    return this.#progress.page(0).words[ownerSequence]! >>> 0;
  }

  nextTimer(): number {
    return this.timers.next();
  }

  nextSequence(partition: number): number {
    return this.outbox.nextSequence(partition);
  }

  /** The outcome of an earlier command with the id at `idStart`; one object, overwritten by the next call. */
  recall(view: DataView, idStart: number): RememberedOutcome | undefined {
    return this.#decidedIds.find(view, idStart);
  }

  /** See `DecidedIds.warm`. */
  warm(view: DataView, idStart: number): number {
    return this.#decidedIds.warm(view, idStart);
  }

  /** Applies what a decision's header says. Its events are applied one by one before. */
  evolveDecision(decision: DecisionView, isPlatformCommand: boolean): void {
    this.#progress.write(0).floats[decidedCount]! += 1;
    if (isPlatformCommand || decision.status === decisionStatus.repeated) return;
    if (decision.code === platformCode.commandIdReused) return;
    this.#remember(decision);
  }

  evolveRecord(commandOffset: number, sequence: number): void {
    const { floats, words } = this.#progress.write(0);
    floats[decidedOffset] = commandOffset;
    words[ownerSequence] = sequence;
  }

  evolveOwner(epoch: number): void {
    const { words } = this.#progress.write(0);
    words[ownerEpoch] = epoch;
    words[ownerSequence] = 0;
  }

  #remember(decision: DecisionView): void {
    const progress = this.#progress.write(0).floats;
    const count = progress[rememberedCount]!;
    progress[rememberedCount] = count + 1;
    this.#decidedIds.remember(count, decision);
  }

  /** Applies a platform event; false when its type or version is not known. */
  evolve(event: EventView): boolean {
    if (event.version !== 1) return false;
    switch (event.type) {
      case platformEvent.messageSent:
        this.outbox.sent(event);
        return true;
      case platformEvent.timerSet:
        this.timers.set(event);
        return true;
      case platformEvent.timerCleared:
        this.timers.clear(event.view.getUint32(event.payloadStart, true));
        return true;
      case platformEvent.outboxTrimmed:
        this.outbox.trim(
          event.view.getUint16(event.payloadStart, true),
          event.view.getUint32(event.payloadStart + 4, true),
        );
        return true;
      case platformEvent.messageReceived:
        this.outbox.received(
          event.view.getUint16(event.payloadStart, true),
          event.view.getUint32(event.payloadStart + 4, true),
        );
        return true;
      case platformEvent.messageFailed:
      case platformEvent.traced:
        return true;
      default:
        return false;
    }
  }

  restored(): void {
    this.#decidedIds.restored(this.#progress.page(0).floats[rememberedCount]!);
    this.timers.restored();
    this.outbox.restored();
  }
}

import type { LogIdentity } from '../log/log.ts';
import { type DecisionView, decisionStatus, type EventView } from '../records/decision-record.ts';
import { RowIndex } from '../state/row-index.ts';
import type { StateSpace } from '../state/state-space.ts';
import type { Table } from '../state/table.ts';
import type { PartitionContext } from './application.ts';
import { Outbox } from './outbox.ts';
import { platformCode, platformEvent } from './platform-records.ts';
import { TimerTable } from './timer-table.ts';

/** Words of the single row of the `progress` table. */
const decidedOffset = 0; // f64: offset of the last command record decided, -1 before the first
const decidedCount = 1; // f64: decisions so far
const rememberedCount = 2; // f64: command ids ever put into the dedupe ring

/** Words of a `decided-ids` row: four of id, then these. */
const idWords = 4;
const hashWord = 4;
const outcomeWord = 5; // status in the low byte, code in the high half
const valueAWord = 6;
const valueBWord = 7;

/** What a remembered command was answered with. */
export interface RememberedOutcome {
  contentHash: number;
  status: number;
  code: number;
  a: number;
  b: number;
}

/**
 * The platform's part of a partition's state: how far it has decided, the latest command ids with
 * their outcomes, timers, outbox and inbox. Like the application's part it changes by events only.
 */
export class PlatformState {
  readonly timers: TimerTable;
  readonly outbox: Outbox;
  readonly #progress: Table;
  readonly #decidedIds: Table;
  readonly #index: RowIndex;
  readonly #window: number;
  readonly #remembered: RememberedOutcome = { contentHash: 0, status: 0, code: 0, a: 0, b: 0 };

  constructor(space: StateSpace, context: PartitionContext, identity: LogIdentity) {
    this.#window = identity.dedupeWindow;
    this.#progress = space.table('progress', 32, 1);
    this.#decidedIds = space.table('decided-ids', 32, this.#window);
    this.#index = new RowIndex(this.#decidedIds, idWords);
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

  nextTimer(): number {
    return this.timers.next();
  }

  nextSequence(partition: number): number {
    return this.outbox.nextSequence(partition);
  }

  /** The outcome of an earlier command with the id at `idStart`; one object, overwritten by the next call. */
  recall(view: DataView, idStart: number): RememberedOutcome | undefined {
    const row = this.#index.find(
      view.getInt32(idStart, true),
      view.getInt32(idStart + 4, true),
      view.getInt32(idStart + 8, true),
      view.getInt32(idStart + 12, true),
    );
    if (row < 0) return undefined;
    const { words } = this.#decidedIds.page(row);
    const at = this.#decidedIds.at(row);
    const found = this.#remembered;
    const outcome = words[at + outcomeWord]!;
    found.contentHash = words[at + hashWord]! >>> 0;
    found.status = outcome & 0xff;
    found.code = outcome >>> 16;
    found.a = words[at + valueAWord]!;
    found.b = words[at + valueBWord]!;
    return found;
  }

  /** Applies what a decision's header says. Its events are applied one by one before. */
  evolveDecision(decision: DecisionView, isPlatformCommand: boolean): void {
    this.#progress.write(0).floats[decidedCount]! += 1;
    if (isPlatformCommand || decision.status === decisionStatus.repeated) return;
    if (decision.code === platformCode.commandIdReused) return;
    this.#remember(decision);
  }

  evolveRecord(commandOffset: number): void {
    this.#progress.write(0).floats[decidedOffset] = commandOffset;
  }

  #remember(decision: DecisionView): void {
    const progress = this.#progress.write(0).floats;
    const count = progress[rememberedCount]!;
    progress[rememberedCount] = count + 1;
    let row = this.#decidedIds.rows;
    if (row < this.#window) this.#decidedIds.add();
    else {
      row = count % this.#window;
      this.#index.remove(row);
    }
    const { words } = this.#decidedIds.write(row);
    const at = this.#decidedIds.at(row);
    const { view, idStart } = decision;
    for (let word = 0; word < idWords; word++) {
      words[at + word] = view.getInt32(idStart + word * 4, true);
    }
    words[at + hashWord] = decision.contentHash;
    words[at + outcomeWord] = decision.status | (decision.code << 16);
    words[at + valueAWord] = decision.a;
    words[at + valueBWord] = decision.b;
    this.#index.insert(row);
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
        return true;
      default:
        return false;
    }
  }

  restored(): void {
    this.#index.rebuild();
    this.timers.restored();
    this.outbox.restored();
  }
}

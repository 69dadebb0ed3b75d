import type { CommandView } from '../records/command-record.ts';
import {
  type DecisionStatus,
  decisionHeaderBytes,
  decisionStatus,
  eventHeaderBytes,
} from '../records/decision-record.ts';
import { align8, type GrowingBuffer } from '../records/growing-buffer.ts';
import type { PartitionContext } from './application.ts';
import type { RememberedOutcome } from './decided-ids.ts';
import type { LocalMessages } from './local-messages.ts';
import {
  envelopeBytes,
  messageMaxBytes,
  platformCommand,
  platformEvent,
  timerMaxBytes,
  timerSetBytes,
} from './platform-records.ts';
import type { PlatformState } from './platform-state.ts';

/**
 * What `decide` writes to: an outcome and events. It goes straight into the decision record; the
 * payload of an event is written through `view` at the position that `event` returned.
 *
 * Without a call to `accept` or `reject` the command counts as accepted with code 0.
 */
export class Decision {
  readonly #out: GrowingBuffer;
  readonly #platform: PlatformState;
  readonly #self: number;
  readonly #local: LocalMessages;
  /** Where the last event or message went. */
  #written: GrowingBuffer;
  #start = 0;
  #eventCount = 0;
  #timersSet = 0;
  /** A message of another partition is decided: what it sends answers it. */
  #isAnswering = false;
  readonly #sentTo: number[] = [];
  #markPosition = 0;
  #markEvents = 0;
  #markStatus = 0;
  #markCode = 0;
  #markA = 0;
  #markB = 0;
  #markLocal = 0;

  /** @param local receives the messages to this partition itself, which no log has to hold */
  constructor(
    out: GrowingBuffer,
    platform: PlatformState,
    { partition }: PartitionContext,
    local: LocalMessages,
  ) {
    this.#out = out;
    this.#written = out;
    this.#platform = platform;
    this.#self = partition;
    this.#local = local;
  }

  /** For writing the payload of the last `event`, `send` or `setTimer`: read it anew after each. */
  get view(): DataView {
    return this.#written.view;
  }

  /** @param code the application's outcome code, 0x100 to 0xffff; `a` and `b` are its values (i32). */
  accept(code: number, a = 0, b = 0): void {
    this.#outcome(decisionStatus.accepted, code, a, b);
  }

  reject(code: number, a = 0, b = 0): void {
    this.#outcome(decisionStatus.rejected, code, a, b);
  }

  /** Adds an event; returns where its zeroed payload starts in `view`. */
  event(type: number, version: number, payloadBytes: number): number {
    const size = eventHeaderBytes + align8(payloadBytes);
    const start = this.#out.reserve(size);
    this.#written = this.#out;
    const view = this.#out.view;
    view.setUint32(start, size, true);
    view.setUint16(start + 4, type, true);
    view.setUint16(start + 6, version, true);
    this.#eventCount += 1;
    return start + eventHeaderBytes;
  }

  /**
   * Sends a message to a partition: it is decided there exactly once, in the order sent. One to this
   * partition itself is decided in the same record, and only what it causes is an event. Returns where
   * its zeroed payload (at most 96 bytes) starts in `view`.
   */
  send(partition: number, type: number, payloadBytes: number): number {
    if (payloadBytes > messageMaxBytes) throw new RangeError(`message of ${payloadBytes} bytes`);
    if (partition === this.#self) {
      this.#written = this.#local.buffer;
      return this.#local.add(type, payloadBytes, this.#out, this.idStart);
    }
    const start = this.event(platformEvent.messageSent, 1, envelopeBytes + payloadBytes);
    let sequence = this.#platform.nextSequence(partition);
    for (const earlier of this.#sentTo) if (earlier === partition) sequence += 1;
    this.#sentTo.push(partition);
    this.#platform.outbox.checkRoom(this.#sentTo.length, this.#isAnswering);
    const view = this.#out.view;
    view.setUint16(start, partition, true);
    view.setUint16(start + 2, type, true);
    view.setUint32(start + 4, sequence, true);
    return start + envelopeBytes;
  }

  /**
   * Asks for a command of `type` at `dueAt` (ms since the epoch) or soon after, exactly once. Returns
   * where its zeroed payload (at most 32 bytes) starts in `view`.
   */
  setTimer(dueAt: number, type: number, payloadBytes: number): number {
    if (payloadBytes > timerMaxBytes) throw new RangeError(`timer of ${payloadBytes} bytes`);
    const start = this.event(platformEvent.timerSet, 1, timerSetBytes + payloadBytes);
    const view = this.#out.view;
    view.setFloat64(start, dueAt, true);
    view.setUint32(start + 8, this.#platform.nextTimer() + this.#timersSet, true);
    view.setUint16(start + 12, type, true);
    view.setUint16(start + 14, align8(payloadBytes), true);
    this.#timersSet += 1;
    this.#platform.timers.checkRoom(this.#timersSet);
    return start + timerSetBytes;
  }

  /** @internal Where the id of the command being decided starts. */
  get idStart(): number {
    return this.#start + 24;
  }

  /** @internal Starts the decision of a command. */
  begin(command: CommandView, type: number, contentHash: number): void {
    const start = this.#out.reserve(decisionHeaderBytes);
    const { view } = this.#out;
    view.setUint16(start + 8, type, true);
    view.setUint32(start + 12, contentHash, true);
    view.setFloat64(start + 16, command.receivedAt, true);
    for (let byte = 0; byte < 16; byte += 4) {
      view.setInt32(start + 24 + byte, command.view.getInt32(command.idStart + byte, true), true);
    }
    this.#start = start;
    this.#eventCount = 0;
    this.#isAnswering = type === platformCommand.message;
    this.#local.clear();
    this.settled();
  }

  /** @internal The events so far were evolved: numbers they took are in the state now. */
  settled(): void {
    this.#timersSet = 0;
    if (this.#sentTo.length > 0) this.#sentTo.length = 0;
  }

  /** @internal Remembers where to roll back to, once or more often, when `decide` throws. */
  mark(): void {
    this.#markPosition = this.#out.length;
    this.#markEvents = this.#eventCount;
    this.#markLocal = this.#local.buffer.length;
    const view = this.#out.view;
    this.#markStatus = view.getUint8(this.#start + 4);
    this.#markCode = view.getUint16(this.#start + 10, true);
    this.#markA = view.getInt32(this.#start + 40, true);
    this.#markB = view.getInt32(this.#start + 44, true);
  }

  /** @internal Back to the last `mark`: events and outcome. */
  rollBack(): void {
    this.#out.length = this.#markPosition;
    this.#local.buffer.length = this.#markLocal;
    this.#eventCount = this.#markEvents;
    this.#outcome(this.#markStatus as DecisionStatus, this.#markCode, this.#markA, this.#markB);
    this.settled();
  }

  /** @internal */
  outcome(status: DecisionStatus, code: number, a: number, b: number): void {
    this.#outcome(status, code, a, b);
  }

  /** @internal The id was decided before: answers the same again. */
  repeat(first: RememberedOutcome): void {
    this.#outcome(decisionStatus.repeated, first.code, first.a, first.b);
    this.#out.view.setUint8(this.#start + 5, first.status);
  }

  /** @internal Completes the decision's header; returns where the decision starts. */
  finish(): number {
    const view = this.#out.view;
    view.setUint32(this.#start, this.#out.length - this.#start, true);
    view.setUint16(this.#start + 6, this.#eventCount, true);
    return this.#start;
  }

  #outcome(status: DecisionStatus, code: number, a: number, b: number): void {
    const view = this.#out.view;
    const start = this.#start;
    view.setUint8(start + 4, status);
    view.setUint16(start + 10, code, true);
    view.setInt32(start + 40, a, true);
    view.setInt32(start + 44, b, true);
  }
}

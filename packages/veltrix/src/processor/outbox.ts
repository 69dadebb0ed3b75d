import type { EventView } from '../records/decision-record.ts';
import type { StateSpace } from '../state/state-space.ts';
import type { Table } from '../state/table.ts';
import type { PartitionContext } from './application.ts';
import { envelopeBytes, messageMaxBytes } from './platform-records.ts';
import { WaitingRows } from './waiting-rows.ts';

/*
 * `peers`, a row per partition: word 0 = last sequence number sent to it, word 1 = last one received
 * from it, word 2 = highest one it has acknowledged. The row of this partition itself holds in word 3
 * the head of the outbox's free rows (row number + 1).
 * `outbox`: word 0 = sequence number (0 = free), word 1 = destination | type << 16, word 2 = payload
 * bytes (or the next free row + 1), words 4.. payload.
 */
const peerRowBytes = 16;
const outboxRowBytes = 16 + messageMaxBytes;
const payloadWord = 4;

/** Rows kept for answers, at most. */
const answerRowsMax = 64;
/** In a small table they are so many times fewer than all its rows. */
const answerRowsShare = 8;

/** A message read in place; one object is reused for all of them. */
export class OutgoingMessage {
  type = 0;
  /** Holds the payload: borrowed until the state changes. */
  bytes = new Uint8Array(0);
  payloadStart = 0;
  payloadEnd = 0;
}

/** Messages to other partitions that are not acknowledged yet, and how far each source was received. */
export class Outbox {
  readonly #self: number;
  readonly #peers: Table;
  readonly #rows: Table;
  readonly #askingMax: number;
  /** Rows in use: derived. */
  #used = 0;
  /** Outbox rows by destination in the order sent, their sequence numbers without a gap: derived. */
  readonly #waiting: WaitingRows[] = [];
  readonly #message = new OutgoingMessage();

  constructor(space: StateSpace, context: PartitionContext) {
    this.#self = context.partition;
    this.#peers = space.table('peers', peerRowBytes);
    this.#rows = space.table('outbox', outboxRowBytes);
    const { maxRows } = this.#rows;
    const share = Math.floor(maxRows / answerRowsShare);
    this.#askingMax = maxRows - Math.max(1, Math.min(share, answerRowsMax));
    for (let peer = 0; peer < context.partitionCount; peer++) this.#peers.add();
  }

  nextSequence(destination: number): number {
    return (this.#peer(destination, 0) >>> 0) + 1;
  }

  lastReceived(source: number): number {
    return this.#peer(source, 1) >>> 0;
  }

  lastAcknowledged(destination: number): number {
    return this.#peer(destination, 2) >>> 0;
  }

  /**
   * Throws `veltrix-state-full` unless `count` more messages to other partitions find room. The last rows
   * are kept for answers to messages: were all taken by questions, two partitions that ask each other
   * could not answer, and would keep their questions for ever (docs/decisions/0044).
   */
  checkRoom(count: number, isAnswer: boolean): void {
    const limit = isAnswer ? this.#rows.maxRows : this.#askingMax;
    if (this.#used + count > limit) throw this.#rows.fullError();
  }

  #peer(partition: number, word: number): number {
    return this.#peers.page(partition).words[this.#peers.at(partition) + word]!;
  }

  #setPeer(partition: number, word: number, value: number): void {
    this.#peers.write(partition).words[this.#peers.at(partition) + word] = value;
  }

  #freeHead(): number {
    return this.#peer(this.#self, 3);
  }

  /**
   * Applies `messageSent`. One to the partition itself, which older logs hold, was decided in the same
   * record: nothing waits.
   */
  sent(event: EventView): void {
    const { view, payloadStart, payloadEnd } = event;
    const destination = view.getUint16(payloadStart, true);
    const sequence = view.getUint32(payloadStart + 4, true);
    this.#setPeer(destination, 0, sequence);
    if (destination === this.#self) return;
    const row = this.#takeRow();
    this.#used += 1;
    const { words } = this.#rows.write(row);
    const at = this.#rows.at(row);
    const size = payloadEnd - payloadStart - envelopeBytes;
    words[at] = sequence;
    words[at + 1] = destination | (view.getUint16(payloadStart + 2, true) << 16);
    words[at + 2] = size;
    for (let word = 0; word < size / 4; word++) {
      words[at + payloadWord + word] = view.getInt32(payloadStart + envelopeBytes + word * 4, true);
    }
    this.#waitingFor(destination).push(row);
  }

  #takeRow(): number {
    const head = this.#freeHead();
    if (head === 0) return this.#rows.add();
    const row = head - 1;
    this.#setPeer(this.#self, 3, this.#rows.page(row).words[this.#rows.at(row) + 2]!);
    return row;
  }

  received(source: number, sequence: number): void {
    this.#setPeer(source, 1, sequence);
  }

  /** Forgets messages to `destination` up to and with `sequence`. */
  trim(destination: number, sequence: number): void {
    this.#setPeer(destination, 2, sequence);
    const waiting = this.#waitingFor(destination);
    while (waiting.length > 0 && this.#sequenceOf(waiting.at(0)) <= sequence) {
      const row = waiting.shift();
      this.#used -= 1;
      const at = this.#rows.at(row);
      const { words } = this.#rows.write(row);
      words.fill(0, at, at + outboxRowBytes / 4);
      words[at + 2] = this.#freeHead();
      this.#setPeer(this.#self, 3, row + 1);
    }
  }

  /** How many messages wait for `destination`. */
  waiting(destination: number): number {
    return this.#waiting[destination]?.length ?? 0;
  }

  /** The message to `destination` with this number, which must be waiting; overwritten by the next call. */
  message(destination: number, sequence: number): OutgoingMessage {
    const waiting = this.#waitingFor(destination);
    const place = sequence - this.lastAcknowledged(destination) - 1;
    if (place < 0 || place >= waiting.length) throw new Error(`message ${sequence} does not wait`);
    const row = waiting.at(place);
    const { words, bytes } = this.#rows.page(row);
    const at = this.#rows.at(row);
    const message = this.#message;
    message.type = words[at + 1]! >>> 16;
    message.bytes = bytes;
    message.payloadStart = (at + payloadWord) * 4;
    message.payloadEnd = message.payloadStart + words[at + 2]!;
    return message;
  }

  #sequenceOf(row: number): number {
    return this.#rows.page(row).words[this.#rows.at(row)]! >>> 0;
  }

  #waitingFor(destination: number): WaitingRows {
    let waiting = this.#waiting[destination];
    if (!waiting) {
      waiting = new WaitingRows();
      this.#waiting[destination] = waiting;
    }
    return waiting;
  }

  restored(): void {
    this.#waiting.length = 0;
    const rows = Array.from({ length: this.#rows.rows }, (_, row) => row)
      .filter((row) => this.#sequenceOf(row) !== 0)
      .sort((one, other) => this.#sequenceOf(one) - this.#sequenceOf(other));
    for (const row of rows) {
      const destination = this.#rows.page(row).words[this.#rows.at(row) + 1]! & 0xffff;
      this.#waitingFor(destination).push(row);
    }
    this.#used = rows.length;
  }
}

import type { EventView } from '../records/decision-record.ts';
import type { StateSpace } from '../state/state-space.ts';
import type { Table } from '../state/table.ts';
import type { PartitionContext } from './application.ts';
import { envelopeBytes, messageMaxBytes } from './platform-records.ts';

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

export interface OutgoingMessage {
  readonly sequence: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Messages to other partitions that are not acknowledged yet, and how far each source was received. */
export class Outbox {
  readonly #self: number;
  readonly #peers: Table;
  readonly #rows: Table;
  /** Outbox rows by destination in the order sent: derived. */
  readonly #waiting = new Map<number, number[]>();

  constructor(space: StateSpace, context: PartitionContext) {
    this.#self = context.partition;
    this.#peers = space.table('peers', peerRowBytes);
    this.#rows = space.table('outbox', outboxRowBytes);
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

  /** Throws `veltrix-state-full` unless `count` more messages to other partitions find room. */
  checkRoom(count: number): void {
    let missing = count - this.#rows.room;
    for (let head = this.#freeHead(); missing > 0 && head !== 0; missing--) {
      head = this.#rows.page(head - 1).words[this.#rows.at(head - 1) + 2]!;
    }
    if (missing > 0) throw this.#rows.fullError();
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
    const { words } = this.#rows.write(row);
    const at = this.#rows.at(row);
    const size = payloadEnd - payloadStart - envelopeBytes;
    words[at] = sequence;
    words[at + 1] = destination | (view.getUint16(payloadStart + 2, true) << 16);
    words[at + 2] = size;
    for (let word = 0; word < size / 4; word++) {
      words[at + payloadWord + word] = view.getInt32(payloadStart + envelopeBytes + word * 4, true);
    }
    this.#queue(destination).push(row);
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
    const queue = this.#queue(destination);
    let gone = 0;
    for (const row of queue) {
      const at = this.#rows.at(row);
      if (this.#rows.page(row).words[at]! >>> 0 > sequence) break;
      const { words } = this.#rows.write(row);
      words.fill(0, at, at + outboxRowBytes / 4);
      words[at + 2] = this.#freeHead();
      this.#setPeer(this.#self, 3, row + 1);
      gone += 1;
    }
    queue.splice(0, gone);
  }

  /** How many messages wait for `destination`. */
  waiting(destination: number): number {
    return this.#waiting.get(destination)?.length ?? 0;
  }

  /** The waiting messages to `destination` numbered over `after` and up to `to`, in order, at most `limit`. */
  messages(destination: number, after: number, to: number, limit: number): OutgoingMessage[] {
    const found: OutgoingMessage[] = [];
    for (const row of this.#queue(destination)) {
      if (found.length === limit) break;
      const page = this.#rows.page(row);
      const at = this.#rows.at(row);
      const sequence = page.words[at]! >>> 0;
      if (sequence <= after) continue;
      if (sequence > to) break;
      const start = (at + payloadWord) * 4;
      found.push({
        sequence,
        type: page.words[at + 1]! >>> 16,
        payload: page.bytes.slice(start, start + page.words[at + 2]!),
      });
    }
    return found;
  }

  #queue(destination: number): number[] {
    let queue = this.#waiting.get(destination);
    if (!queue) {
      queue = [];
      this.#waiting.set(destination, queue);
    }
    return queue;
  }

  restored(): void {
    this.#waiting.clear();
    const sequenceOf = (row: number) => this.#rows.page(row).words[this.#rows.at(row)]! >>> 0;
    for (let row = 0; row < this.#rows.rows; row++) {
      if (sequenceOf(row) === 0) continue;
      const destination = this.#rows.page(row).words[this.#rows.at(row) + 1]! & 0xffff;
      this.#queue(destination).push(row);
    }
    for (const queue of this.#waiting.values()) queue.sort((x, y) => sequenceOf(x) - sequenceOf(y));
  }
}

import { CommandBatch } from './command-batch.ts';
import { InflightRoom } from './inflight-room.ts';

const poolMax = 64;

/** Batches that wait for their decision, in the order sent, and what they add up to. */
export class InflightBatches {
  /** The room that they take, and what is about to be sent. */
  readonly room: InflightRoom;
  readonly #waiting = new Map<number, CommandBatch>();
  /** Nobody waits for these any more; they still count, as the partitions still have them to decide. */
  readonly #expired = new Map<number, CommandBatch>();
  readonly #pool: CommandBatch[] = [];

  constructor(partitionCount: number) {
    this.room = new InflightRoom(partitionCount);
  }

  /** Whether anybody waits. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** When the oldest was sent, by the clock that sent it, of the partitions that are asked for; undefined where there is none. */
  oldestSentAt(isAskedFor: (partition: number) => boolean): number | undefined {
    for (const batches of [this.#expired, this.#waiting]) {
      for (const { partition, sentAt } of batches.values())
        if (isAskedFor(partition)) return sentAt;
    }
    return undefined;
  }

  /** Partitions that still have to decide what nobody waits for any more: they stand still, or are far behind. */
  expiredPartitions(): ReadonlySet<number> {
    const partitions = new Set<number>();
    for (const { partition } of this.#expired.values()) partitions.add(partition);
    return partitions;
  }

  /** When the oldest of each partition was sent; a partition of which none waits is left out. */
  oldestSentAtByPartition(): ReadonlyMap<number, number> {
    const oldest = new Map<number, number>();
    for (const batches of [this.#expired, this.#waiting]) {
      for (const { partition, sentAt } of batches.values()) {
        if (!oldest.has(partition)) oldest.set(partition, sentAt);
      }
    }
    return oldest;
  }

  /** Those that somebody waits for. */
  waiting(): Iterable<CommandBatch> {
    return this.#waiting.values();
  }

  /** An empty batch, used or new. */
  take(): CommandBatch {
    return this.#pool.pop() ?? new CommandBatch();
  }

  add(batch: CommandBatch): void {
    this.#waiting.set(batch.number, batch);
  }

  get(number: number): CommandBatch | undefined {
    return this.#waiting.get(number) ?? this.#expired.get(number);
  }

  ofPartition(partition: number): CommandBatch[] {
    const all = [...this.#waiting.values(), ...this.#expired.values()];
    return all.filter((batch) => batch.partition === partition);
  }

  /** The oldest batch that was sent at `time` or before and that somebody waits for; from now on nobody does. */
  expireOldest(time: number): CommandBatch | undefined {
    const oldest = this.#waiting.values().next().value;
    if (oldest === undefined || oldest.sentAt > time) return undefined;
    this.expire(oldest);
    return oldest;
  }

  /** From now on nobody waits for the batch; false where nobody did. */
  expire(batch: CommandBatch): boolean {
    if (!this.#waiting.delete(batch.number)) return false;
    this.#expired.set(batch.number, batch);
    return true;
  }

  /** The batch is decided, refused or given up, and may be used again. */
  release(batch: CommandBatch): void {
    if (!this.#waiting.delete(batch.number)) this.#expired.delete(batch.number);
    this.room.free(batch.partition, batch.count, batch.bytes);
    batch.clear();
    if (this.#pool.length < poolMax) this.#pool.push(batch);
  }
}

import { CommandBatch } from './command-batch.ts';

const poolMax = 64;

/** Batches that wait for their decision, in the order sent, and what they add up to. */
export class InflightBatches {
  /** Commands sent or about to be, and not decided. */
  commands = 0;
  /** Their bytes. */
  bytes = 0;
  readonly #waiting = new Map<number, CommandBatch>();
  /** Nobody waits for these any more; they still count, as the partitions still have them to decide. */
  readonly #expired = new Map<number, CommandBatch>();
  readonly #pool: CommandBatch[] = [];

  /** Whether anybody waits. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** When the oldest was sent, by the clock that sent it; undefined while there is none. */
  get oldestSentAt(): number | undefined {
    const [expired] = this.#expired.values();
    const [waiting] = this.#waiting.values();
    return (expired ?? waiting)?.sentAt;
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
    this.commands -= batch.count;
    this.bytes -= batch.bytes;
    batch.clear();
    if (this.#pool.length < poolMax) this.#pool.push(batch);
  }
}

import { type Clock, CodedError } from 'veltrix';
import type { Archive } from './archive.ts';

/** Reads durable decision records; see `EmbeddedPartitionReader.read` and `LogPartition.read`. */
interface DecisionSource {
  /**
   * Visits records of a partition from `from` up to, not including, `below`, until about `maxBytes`
   * were visited; returns the offset to go on from.
   */
  read(
    partition: number,
    from: number,
    maxBytes: number,
    visit: (offset: number, bytes: Uint8Array) => void,
    below: number,
  ): number;
}

export interface ArchiverOptions {
  readonly archive: Pick<Archive, 'nextOffset' | 'append'>;
  readonly source: DecisionSource;
  readonly partitionCount: number;
  readonly clock: Clock;
  /** About how many bytes go into one append. Default 2 MiB; larger ones hold queries up for longer. */
  readonly batchMaxBytes?: number;
  /** Called when a partition can be archived no further, at most once each. */
  readonly onStopped?: (partition: number, error: Error) => void;
}

/** Waits between tries while the archive's disk fails: doubled each time, up to the longest. */
const firstRetryMs = 250;
const longestRetryMs = 30_000;

/** Record 0 holds the log's identity. */
const firstOffset = 1;

interface Progress {
  readonly partition: number;
  /** Every record below is archived; -1 until the archive was asked. */
  next: number;
  /** Every record below is durable in the log. */
  durableEnd: number;
  stopped: boolean;
}

/**
 * Follows the durable decisions of all partitions and appends them to the archive, a batch at a time,
 * one partition after the other. It goes on where the archive ends, so it needs no state of its own,
 * catches up after a stop, and a batch that was appended twice changes nothing.
 *
 * Failures that may pass are tried again. One that cannot pass (the log is damaged, or retention has
 * removed what was not archived yet) stops its partition; the others go on.
 */
export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #batchMaxBytes: number;
  readonly #partitions: Progress[];
  #turn = 0;
  #active = false;
  #stopping = false;
  #retryMs = firstRetryMs;
  #cancelRetry: (() => void) | undefined;
  readonly #whenIdle: (() => void)[] = [];

  constructor(options: ArchiverOptions) {
    this.#options = options;
    this.#batchMaxBytes = options.batchMaxBytes ?? 2 * 1024 * 1024;
    this.#partitions = Array.from({ length: options.partitionCount }, (_, partition) => ({
      partition,
      next: -1,
      durableEnd: 0,
      stopped: false,
    }));
  }

  /** Tells that every decision record of the partition below `end` is durable. May come in any order. */
  durable(partition: number, end: number): void {
    const progress = this.#partitions[partition]!;
    if (end <= progress.durableEnd) return;
    progress.durableEnd = end;
    this.#wake();
  }

  /** How many offsets are durable and not archived, of one partition or of all. */
  lag(partition?: number): number {
    const some = partition === undefined ? this.#partitions : [this.#partitions[partition]!];
    return some.reduce(
      (sum, { next, durableEnd }) => sum + Math.max(0, durableEnd - Math.max(firstOffset, next)),
      0,
    );
  }

  /** Every record of the partition below is archived, as far as this archiver has come. */
  archivedEnd(partition: number): number {
    return Math.max(firstOffset, this.#partitions[partition]!.next);
  }

  /** Whether the last try failed and the next one is waited for. */
  get failing(): boolean {
    return this.#cancelRetry !== undefined;
  }

  /** Ends after the batch in work; the archive stays open. */
  stop(done: () => void): void {
    this.#stopping = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#active) this.#whenIdle.push(done);
    else done();
  }

  #wake(): void {
    if (this.#active || this.#stopping || this.failing) return;
    this.#active = true;
    // Between batches other work of this thread has its turn: queries, and the next hints.
    this.#options.clock.defer(() => {
      this.#step().then(
        (more) => this.#rest(more),
        (error: unknown) => this.#failed(error),
      );
    });
  }

  #rest(more: boolean): void {
    this.#active = false;
    for (const done of this.#whenIdle.splice(0)) done();
    if (more) this.#wake();
  }

  /** Archives one batch of the next partition that has something; false when there was nothing. */
  async #step(): Promise<boolean> {
    const progress = this.#nextBehind();
    if (progress === undefined) return false;
    try {
      await this.#archive(progress);
      this.#retryMs = firstRetryMs;
    } catch (error) {
      if (!(error instanceof CodedError && error.retry === 'never')) throw error;
      this.#stop(progress, error);
    }
    return true;
  }

  async #archive(progress: Progress): Promise<void> {
    const { archive, source } = this.#options;
    const { partition } = progress;
    if (progress.next < 0) {
      progress.next = Math.max(firstOffset, await archive.nextOffset(partition));
    }
    if (progress.next >= progress.durableEnd) return;
    const records: { offset: number; bytes: Uint8Array }[] = [];
    const next = source.read(
      partition,
      progress.next,
      this.#batchMaxBytes,
      (offset, bytes) => records.push({ offset, bytes: bytes.slice() }),
      progress.durableEnd,
    );
    if (records.length > 0) await archive.append(partition, records);
    // What the source does not show yet is read after the next hint, rather than asked for in a circle.
    else progress.durableEnd = next;
    progress.next = next;
  }

  #nextBehind(): Progress | undefined {
    for (let tried = 0; tried < this.#partitions.length; tried++) {
      const progress = this.#partitions[this.#turn]!;
      this.#turn = (this.#turn + 1) % this.#partitions.length;
      if (!progress.stopped && progress.next < progress.durableEnd) return progress;
    }
    return undefined;
  }

  #failed(error: unknown): void {
    if (error instanceof CodedError) this.#retryLater();
    else this.#stopAll(error as Error);
    this.#rest(false);
  }

  #retryLater(): void {
    if (this.#stopping) return;
    this.#cancelRetry = this.#options.clock.after(this.#retryMs, () => {
      this.#cancelRetry = undefined;
      this.#wake();
    });
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
  }

  /** An error of no registry is a mistake of ours: nobody knows what going on would do. */
  #stopAll(error: Error): void {
    for (const progress of this.#partitions) {
      if (!progress.stopped) this.#stop(progress, error);
    }
  }

  #stop(progress: Progress, error: Error): void {
    progress.stopped = true;
    this.#options.onStopped?.(progress.partition, error);
  }
}

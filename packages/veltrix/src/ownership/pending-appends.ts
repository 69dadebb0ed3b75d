import type { Clock } from '../clock.ts';
import { CodedError } from '../coded-error.ts';
import type { SharedPartition } from '../log/shared-log.ts';
import { ByteQueue } from './byte-queue.ts';

/** After these the same record may be appended again. */
const passingIds = ['veltrix-log-append-unanswered', 'veltrix-log-inflight-full'];

export interface PendingAppend<Content> {
  /** Until the record is read back. */
  readonly bytes: Uint8Array;
  readonly content: Content;
}

export interface PendingAppendsOptions {
  readonly log: SharedPartition;
  readonly clock: Clock;
  /** An append that failed is made again after so long, unless the record was read back meanwhile. */
  readonly retryDelayMs: number;
  /** The log takes no more. */
  readonly onFatal: (error: Error) => void;
}

/**
 * Event records that were appended and not read back yet, oldest first. They count only in this order;
 * so when one of them may be missing from the log, all are appended again. Whether a record arrived is
 * told by reading, never by the answer to the append.
 */
export class PendingAppends<Content> {
  readonly #options: PendingAppendsOptions;
  readonly #queue: PendingAppend<Content>[] = [];
  readonly #kept = new ByteQueue();
  #bytes = 0;
  /** Appends whose answer has not come. */
  #unanswered = 0;
  #mayBeMissing = false;
  #cancelRetry: (() => void) | undefined;
  #stopped = false;

  constructor(options: PendingAppendsOptions) {
    this.#options = options;
  }

  get head(): PendingAppend<Content> | undefined {
    return this.#queue[0];
  }

  get length(): number {
    return this.#queue.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One of them may be missing: what is appended now would not count. */
  get stalled(): boolean {
    return this.#mayBeMissing;
  }

  /** @param record copied, and kept until it is read back. */
  add(record: Uint8Array, content: Content): void {
    const bytes = this.#kept.add(record);
    this.#queue.push({ bytes, content });
    this.#bytes += bytes.length;
    this.#append(bytes);
  }

  /** The oldest was read back. */
  shift(): void {
    this.#bytes -= this.#queue.shift()!.bytes.length;
    this.#kept.shift();
    if (this.#queue.length === 0) this.#mayBeMissing = false;
  }

  clear(): void {
    this.#queue.length = 0;
    this.#kept.clear();
    this.#bytes = 0;
    this.#mayBeMissing = false;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
  }

  #append(bytes: Uint8Array): void {
    this.#unanswered += 1;
    this.#options.log.append('events', bytes, (error) => {
      this.#unanswered -= 1;
      if (this.#stopped) return;
      if (error && !(error instanceof CodedError && passingIds.includes(error.id))) {
        this.#options.onFatal(error);
        return;
      }
      if (error && this.#queue.length > 0) this.#mayBeMissing = true;
      this.#retryOnceAnswered();
    });
  }

  /** Not while answers are awaited: a record among them must not get behind those that follow it. */
  #retryOnceAnswered(): void {
    if (!this.#mayBeMissing || this.#unanswered > 0 || this.#cancelRetry) return;
    const { clock, retryDelayMs } = this.#options;
    const { head } = this;
    this.#cancelRetry = clock.after(retryDelayMs, () => {
      this.#cancelRetry = undefined;
      if (!this.#mayBeMissing || this.#unanswered > 0) return;
      // What was read back meanwhile may have been all that was in doubt, or not: look again.
      if (this.head !== head) this.#retryOnceAnswered();
      else this.#appendAll();
    });
  }

  #appendAll(): void {
    this.#mayBeMissing = false;
    for (const { bytes } of this.#queue) this.#append(bytes);
  }
}

import type { AppendDone } from '../shared-log.ts';
import { BatchBuilder, recordMaxOverhead, type SpareBuffers } from './batch-builder.ts';
import type { BatchLabel } from './record-batch.ts';

export interface AppendBatchOptions {
  readonly label: BatchLabel;
  readonly spares: SpareBuffers;
  /** As `performance.now` tells it, of its first record: then all of it is given up. */
  readonly deadline: number;
  /** Of the record that is added first; the others count on from there. */
  readonly firstTicket: number;
}

/** Tells whoever appended what became of a record of so many bytes, the how many-th of those that are left. */
export type Settle = (onDone: AppendDone, bytes: number, index: number) => void;

/** Records that go together. Those who wait are kept in arrays: an object for each would be garbage by the million. */
export class AppendBatch {
  readonly deadline: number;
  readonly #options: AppendBatchOptions;
  #builder: BatchBuilder;
  readonly #starts: number[] = [];
  readonly #sizes: number[] = [];
  /** Undefined for what was withdrawn. */
  readonly #onDone: (AppendDone | undefined)[] = [];
  #withdrawn = 0;
  #bytes = 0;

  constructor(options: AppendBatchOptions) {
    this.deadline = options.deadline;
    this.#options = options;
    this.#builder = new BatchBuilder(options.label, options.spares.take());
  }

  /** Whether it takes a record of so many bytes: its ticket has to follow those that are here. */
  takes(ticket: number, bytes: number, batchMaxBytes: number): boolean {
    const isNext = ticket === this.#options.firstTicket + this.#onDone.length;
    return isNext && this.#builder.size + recordMaxOverhead(bytes) <= batchMaxBytes;
  }

  add(record: Uint8Array, onDone: AppendDone): void {
    this.#builder.add(record);
    this.#starts.push(this.#builder.lastRecordStart);
    this.#sizes.push(record.length);
    this.#bytes += record.length;
    this.#onDone.push(onDone);
  }

  get isEmpty(): boolean {
    return this.#withdrawn === this.#onDone.length;
  }

  /** Of all its records, also those that were withdrawn: they are in its memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Leaves a record out, before the batch is sent; false if it is not here. */
  withdraw(ticket: number): boolean {
    const index = ticket - this.#options.firstTicket;
    if (this.#onDone[index] === undefined) return false;
    this.#onDone[index] = undefined;
    this.#withdrawn += 1;
    return true;
  }

  /** What is to be sent, from now on: nothing is added or withdrawn any more. */
  sealed(): BatchBuilder {
    if (this.#withdrawn > 0) this.#leaveOut();
    return this.#builder;
  }

  #leaveOut(): void {
    const { label, spares } = this.#options;
    const all = this.#builder;
    const kept = new BatchBuilder(label, spares.take());
    for (const [index, onDone] of this.#onDone.entries()) {
      if (onDone) kept.add(all.bytesAt(this.#starts[index]!, this.#sizes[index]!));
    }
    spares.give(all.buffer);
    this.#builder = kept;
  }

  /** Its buffer is for others. Only where nobody reads it any more. */
  recycle(): void {
    this.#options.spares.give(this.#builder.buffer);
  }

  settle(settle: Settle): void {
    let left = 0;
    for (const [index, onDone] of this.#onDone.entries()) {
      if (onDone) settle(onDone, this.#sizes[index]!, left++);
    }
  }
}

import { align8 } from 'veltrix';
import type { BatchBuffers } from './batch-buffers.ts';

/*
 * How records cross between threads: many in one buffer, which is handed over, not copied. Per record:
 * u32 partition, u32 bytes, f64 offset, or of commands, which have none yet, the ticket, the record padded to 8.
 */
const headerBytes = 16;
/** A buffer that is used less than one part in so many stays: a small one crosses in its place. */
const sparseness = 4;

export interface RecordBatch {
  readonly buffer: ArrayBuffer;
  /** Used, from its start. */
  readonly bytes: number;
}

/** Gathers records until they are sent. */
export class RecordBatchWriter {
  readonly #buffers: BatchBuffers;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  #view = new DataView(new ArrayBuffer(0));
  #length = 0;

  constructor(buffers: BatchBuffers) {
    this.#buffers = buffers;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Copies the record. */
  add(partition: number, offset: number, record: Uint8Array): void {
    const start = this.#length;
    const end = start + headerBytes + align8(record.length);
    const bytes = this.#reserve(end);
    this.#view.setUint32(start, partition, true);
    this.#view.setUint32(start + 4, record.length, true);
    this.#view.setFloat64(start + 8, offset, true);
    bytes.set(record, start + headerBytes);
    this.#length = end;
  }

  #reserve(end: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes ?? this.#begin(this.#buffers.take());
    if (end <= bytes.length) return bytes;
    const grown = this.#begin(new ArrayBuffer(Math.max(end, bytes.length * 2)));
    grown.set(bytes.subarray(0, this.#length));
    this.#buffers.give(bytes.buffer);
    return grown;
  }

  #begin(buffer: ArrayBuffer): Uint8Array<ArrayBuffer> {
    this.#view = new DataView(buffer);
    this.#bytes = new Uint8Array(buffer);
    return this.#bytes;
  }

  /** What was gathered, in a buffer that is the taker's; the writer starts anew. */
  take(): RecordBatch {
    const bytes = this.#length;
    const taken = this.#bytes;
    this.#length = 0;
    if (!taken || bytes * sparseness < taken.length) {
      return { buffer: taken ? taken.buffer.slice(0, bytes) : new ArrayBuffer(0), bytes };
    }
    this.#bytes = undefined;
    return { buffer: taken.buffer, bytes };
  }
}

/** Visits the records of a batch; the bytes are views into it, and hold until its buffer is handed over or given back. */
export function readRecordBatch(
  { buffer, bytes }: RecordBatch,
  visit: (partition: number, offset: number, record: Uint8Array) => void,
): void {
  const view = new DataView(buffer);
  for (let start = 0; start < bytes; ) {
    const size = view.getUint32(start + 4, true);
    const record = new Uint8Array(buffer, start + headerBytes, size);
    visit(view.getUint32(start, true), view.getFloat64(start + 8, true), record);
    start += headerBytes + align8(size);
  }
}

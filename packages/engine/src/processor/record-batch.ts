import { align8 } from 'veltrix';

/*
 * How records cross between threads: many in one buffer, which is handed over, not copied. Per record:
 * u32 partition, u32 bytes, f64 offset (0 for commands, which have none yet), the record padded to 8.
 */
const headerBytes = 16;

/** Gathers records until they are sent. */
export class RecordBatchWriter {
  #bytes = new Uint8Array(65_536);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add(partition: number, offset: number, record: Uint8Array): void {
    const start = this.#length;
    const end = start + headerBytes + align8(record.length);
    if (end > this.#bytes.length) this.#grow(end);
    this.#view.setUint32(start, partition, true);
    this.#view.setUint32(start + 4, record.length, true);
    this.#view.setFloat64(start + 8, offset, true);
    this.#bytes.set(record, start + headerBytes);
    this.#length = end;
  }

  #grow(atLeast: number): void {
    const grown = new Uint8Array(Math.max(atLeast, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** What was gathered, as a buffer of its own; the writer starts anew. */
  take(): ArrayBuffer {
    const taken = this.#bytes.buffer.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}

/** Visits the records of a batch; the bytes are views into it. */
export function readRecordBatch(
  batch: ArrayBuffer,
  visit: (partition: number, offset: number, record: Uint8Array) => void,
): void {
  const view = new DataView(batch);
  for (let start = 0; start < batch.byteLength; ) {
    const size = view.getUint32(start + 4, true);
    const record = new Uint8Array(batch, start + headerBytes, size);
    visit(view.getUint32(start, true), view.getFloat64(start + 8, true), record);
    start += headerBytes + align8(size);
  }
}

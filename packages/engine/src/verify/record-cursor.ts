import type { LogPartition, Stream } from 'veltrix';

const chunkBytes = 1 << 20;

export interface StoredRecord {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Walks one stream of a partition record by record, a chunk at a time. */
export class RecordCursor {
  readonly #log: LogPartition;
  readonly #stream: Stream;
  #from: number;
  #chunk: StoredRecord[] = [];
  #next = 0;

  constructor(log: LogPartition, stream: Stream, from: number) {
    this.#log = log;
    this.#stream = stream;
    this.#from = from;
  }

  /** The next record, or undefined at the end. Throws `veltrix-log-damaged`. */
  take(): StoredRecord | undefined {
    if (this.#next === this.#chunk.length) this.#fill();
    const record = this.#chunk[this.#next];
    if (record !== undefined) this.#next += 1;
    return record;
  }

  /** The record taken last is the next one again. */
  putBack(): void {
    this.#next -= 1;
  }

  #fill(): void {
    const chunk: StoredRecord[] = [];
    this.#from = this.#log.read(this.#stream, this.#from, chunkBytes, (offset, bytes) => {
      // A copy that starts at a multiple of 8, as records are read in place by word.
      chunk.push({ offset, bytes: bytes.slice() });
    });
    this.#chunk = chunk;
    this.#next = 0;
  }
}

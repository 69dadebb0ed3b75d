const chunkBytes = 256 << 10;

interface Chunk {
  readonly bytes: Uint8Array;
  /** Where the next entry goes. */
  end: number;
  /** Entries in it that are still in the queue. */
  entries: number;
}

/**
 * Copies of byte strings that are let go of in the order in which they came. They lie in chunks that are
 * used again: a buffer for each would be garbage by the thousand, and outside of the heap at that.
 */
export class ByteQueue {
  /** Oldest first; the last one takes more. */
  readonly #chunks: Chunk[] = [];
  #spare: Chunk | undefined;

  /** A copy at a multiple of 8 in its buffer, valid until as many were let go of as came up to it. */
  add(bytes: Uint8Array): Uint8Array {
    const chunk = this.#chunkFor(bytes.length);
    const start = chunk.end;
    chunk.bytes.set(bytes, start);
    chunk.end = Math.ceil((start + bytes.length) / 8) * 8;
    chunk.entries += 1;
    return chunk.bytes.subarray(start, start + bytes.length);
  }

  #chunkFor(size: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last && last.end + size <= last.bytes.length) return last;
    const spare = size <= chunkBytes ? this.#spare : undefined;
    if (spare) this.#spare = undefined;
    const bytes = spare?.bytes ?? new Uint8Array(Math.max(size, chunkBytes));
    const chunk = { bytes, end: 0, entries: 0 };
    this.#chunks.push(chunk);
    return chunk;
  }

  /** Lets go of the oldest. */
  shift(): void {
    const oldest = this.#chunks[0]!;
    oldest.entries -= 1;
    if (oldest.entries > 0) return;
    this.#chunks.shift();
    if (oldest.bytes.length === chunkBytes) this.#spare = oldest;
  }

  clear(): void {
    this.#chunks.length = 0;
  }
}

/** Pages are gathered into writes of this size. */
const chunkBytes = 1024 * 1024;
const spareMax = 8;

/**
 * Memory for what is on its way to a checkpoint file. It is used again and again: fresh memory of this
 * size costs a page fault every 4 KiB, on the thread that folds.
 */
export class ChunkPool {
  readonly #spare: Uint8Array[] = [];

  /** At least so many bytes, with anything in them. */
  take(atLeast: number): Uint8Array {
    if (atLeast > chunkBytes) return new Uint8Array(atLeast);
    return this.#spare.pop() ?? new Uint8Array(chunkBytes);
  }

  /** Nobody reads or writes the chunk any more. */
  give(chunk: Uint8Array): void {
    if (chunk.length === chunkBytes && this.#spare.length < spareMax) this.#spare.push(chunk);
  }
}

/** Buffers kept, and how large they may be: room for some turns of a crowd at its worst. */
const keptMax = 16;
const keptMaxBytes = 2 << 20;
/** Of a new buffer, and the least worth keeping. */
const leastBytes = 65_536;

/**
 * Buffers that records crossed in, kept for the next ones that a thread sends. What is made and
 * dropped for every batch is memory the collector hears of, and it then looks through all that lives.
 */
export class BatchBuffers {
  readonly #kept: ArrayBuffer[] = [];

  /** The largest there is, or a new one. */
  take(): ArrayBuffer {
    let largest = 0;
    for (let n = 1; n < this.#kept.length; n++) {
      if (this.#kept[n]!.byteLength > this.#kept[largest]!.byteLength) largest = n;
    }
    return this.#kept.splice(largest, 1)[0] ?? new ArrayBuffer(leastBytes);
  }

  /** Nobody may look at its bytes any more. */
  give(buffer: ArrayBuffer): void {
    const { byteLength } = buffer;
    if (byteLength < leastBytes) return;
    if (byteLength > keptMaxBytes || this.#kept.length >= keptMax) {
      // Freed now, not when it is collected.
      buffer.transfer(0);
      return;
    }
    this.#kept.push(buffer);
  }
}

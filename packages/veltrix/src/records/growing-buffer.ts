/** A reusable, growing byte buffer for writing records: 8-aligned, little endian, never shrinks. */
export class GrowingBuffer {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  #words: Float64Array;

  constructor(initialBytes = 65_536) {
    this.bytes = new Uint8Array(align8(initialBytes));
    this.view = new DataView(this.bytes.buffer);
    this.#words = new Float64Array(this.bytes.buffer);
  }

  /**
   * Makes room for `size` bytes (a multiple of 8), zeroed, and returns where they start. `view` may
   * change: read it again after.
   */
  reserve(size: number): number {
    const start = this.length;
    const end = start + size;
    if (end > this.bytes.length) this.#grow(end);
    // A loop: for the few words of a command it is quicker than a call of `fill`.
    for (let word = start / 8; word < end / 8; word++) this.#words[word] = 0;
    this.length = end;
    return start;
  }

  /** What was written so far: borrowed until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  #grow(atLeast: number): void {
    const grown = new Uint8Array(align8(Math.max(atLeast, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
    this.#words = new Float64Array(grown.buffer);
  }
}

/** Records and their parts start at multiples of 8. */
export function align8(size: number): number {
  return (size + 7) & ~7;
}

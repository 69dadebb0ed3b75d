/** A reusable, growing byte buffer for writing records: 8-aligned, little endian, never shrinks. */
export class GrowingBuffer {
  bytes: Uint8Array;
  view: DataView;
  length = 0;

  constructor(initialBytes = 65_536) {
    this.bytes = new Uint8Array(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `size` bytes, zeroed, and returns where they start. `view` may change: read it again after. */
  reserve(size: number): number {
    const start = this.length;
    const end = start + size;
    if (end > this.bytes.length) this.#grow(end);
    this.bytes.fill(0, start, end);
    this.length = end;
    return start;
  }

  /** What was written so far: borrowed until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  #grow(atLeast: number): void {
    const grown = new Uint8Array(Math.max(atLeast, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** Records and their parts start at multiples of 8. */
export function align8(size: number): number {
  return (size + 7) & ~7;
}

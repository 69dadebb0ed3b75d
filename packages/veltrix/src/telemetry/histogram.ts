/** Words after the bounded buckets: the bucket of the rest, and the sum. */
const moreWords = 2;

/**
 * Counts values in fixed buckets; an observation costs a short scan and no object. The counts may lie
 * in memory that another thread reads; one thread writes.
 */
export class Histogram {
  readonly bounds: readonly number[];
  readonly #words: Float64Array;

  /** @param bounds upper bounds, growing; one more bucket takes the rest. */
  constructor(bounds: readonly number[], memory?: SharedArrayBuffer) {
    const words = bounds.length + moreWords;
    this.bounds = bounds;
    this.#words = memory ? new Float64Array(memory, 0, words) : new Float64Array(words);
  }

  /** Room for the counts that two threads share. */
  static memory(bounds: readonly number[]): SharedArrayBuffer {
    return new SharedArrayBuffer((bounds.length + moreWords) * 8);
  }

  observe(value: number, times = 1): void {
    const { bounds } = this;
    const words = this.#words;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
    words[bucket]! += times;
    words[bounds.length + 1]! += value * times;
  }

  /** By bucket, each without those below it. */
  counts(): readonly number[] {
    return [...this.#words.subarray(0, this.bounds.length + 1)];
  }

  get sum(): number {
    return this.#words[this.bounds.length + 1]!;
  }
}

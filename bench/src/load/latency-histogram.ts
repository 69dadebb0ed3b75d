const bucketsPerDoubling = 64;
const leastMs = 0.001;
const doublings = 30;

/** Counts latencies in buckets 1.1 % wide, from a microsecond to a quarter of an hour, in constant room. */
export class LatencyHistogram {
  count = 0;
  readonly #buckets = new Float64Array(bucketsPerDoubling * doublings);

  add(milliseconds: number): void {
    const bucket = Math.log2(Math.max(milliseconds, leastMs) / leastMs) * bucketsPerDoubling;
    this.#buckets[Math.min(this.#buckets.length - 1, Math.floor(bucket))]! += 1;
    this.count += 1;
  }

  /** Milliseconds below which this share of all lies, the upper bound of its bucket; 0 without any. */
  quantile(share: number): number {
    const rank = Math.ceil(this.count * share);
    let seen = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      seen += count;
      if (count > 0 && seen >= rank) return leastMs * 2 ** ((bucket + 1) / bucketsPerDoubling);
    }
    return 0;
  }
}

/** Buckets of each doubling: the relative error of a value is below one in this many. */
const subBits = 7;
const mostUs = 2 ** 32 - 1;
const buckets = ((31 - subBits + 1) << subBits) + (1 << subBits);

/**
 * Counts durations in the log-linear buckets of HdrHistogram (Gil Tene, public domain): from a
 * microsecond to 71 minutes, each known to 0.8 %, in constant room whatever is recorded. Histograms of
 * threads, of slices of time and of runs add up to that of the whole.
 */
export class LatencyHistogram {
  #count = 0;
  #sumUs = 0;
  #longestUs = 0;
  /** Made with the first value: most slices of most runs have no errors, or no waits. */
  #counts: Uint32Array | undefined;

  get count(): number {
    return this.#count;
  }

  /** 0 without any. */
  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count / 1_000;
  }

  /** Exact; 0 without any. */
  get longestMs(): number {
    return this.#longestUs / 1_000;
  }

  /** Less than a microsecond counts as one; more than 71 minutes as that. */
  record(ms: number, times = 1): void {
    const us = Math.min(mostUs, Math.max(1, Math.round(ms * 1_000)));
    this.#counts ??= new Uint32Array(buckets);
    this.#counts[bucketOf(us)]! += times;
    this.#count += times;
    this.#sumUs += us * times;
    if (us > this.#longestUs) this.#longestUs = us;
  }

  add(other: LatencyHistogram): void {
    if (other.#counts === undefined) return;
    this.#counts ??= new Uint32Array(buckets);
    for (let bucket = 0; bucket < buckets; bucket++) {
      this.#counts[bucket]! += other.#counts[bucket]!;
    }
    this.#count += other.#count;
    this.#sumUs += other.#sumUs;
    this.#longestUs = Math.max(this.#longestUs, other.#longestUs);
  }

  /** Milliseconds that this share (0 to 1) of all are at most, by the upper end of a bucket; 0 without any. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(this.#count * share));
    let seen = 0;
    for (const [bucket, count] of (this.#counts ?? []).entries()) {
      seen += count;
      if (count > 0 && seen >= rank) return Math.min(this.#longestUs, upperEndOf(bucket)) / 1_000;
    }
    return 0;
  }

  /** As plain data, without empty buckets: `[bucket, count, bucket, count, …]`. */
  toJSON(): HistogramJson {
    const pairs: number[] = [];
    for (const [bucket, count] of (this.#counts ?? []).entries()) {
      if (count > 0) pairs.push(bucket, count);
    }
    return { sumUs: this.#sumUs, longestUs: this.#longestUs, buckets: pairs };
  }

  /** Takes whatever `toJSON` gave; buckets that cannot be are passed over. */
  static fromJSON({ sumUs, longestUs, buckets: pairs }: HistogramJson): LatencyHistogram {
    const histogram = new LatencyHistogram();
    if (pairs.length === 0) return histogram;
    const counts = new Uint32Array(buckets);
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const [bucket, count] = [pairs[at]!, pairs[at + 1]!];
      if (!(bucket in counts)) continue;
      counts[bucket] = count;
      histogram.#count += count;
    }
    histogram.#counts = counts;
    histogram.#sumUs = sumUs;
    histogram.#longestUs = longestUs;
    return histogram;
  }
}

/** A histogram as plain data. */
export interface HistogramJson {
  readonly sumUs: number;
  readonly longestUs: number;
  readonly buckets: readonly number[];
}

function bucketOf(us: number): number {
  const doubling = Math.max(0, 31 - Math.clz32(us) - subBits);
  return (doubling << subBits) + (us >>> doubling);
}

function upperEndOf(bucket: number): number {
  const doubling = Math.max(0, (bucket >>> subBits) - 1);
  return (bucket - (doubling << subBits) + 1) * 2 ** doubling - 1;
}

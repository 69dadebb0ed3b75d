/** What a histogram took in within a time. */
export class HistogramGrowth {
  readonly sum: number;
  readonly count: number;
  /** Bounds, growing, and how many were at most that. */
  readonly #buckets: readonly (readonly [number, number])[];

  constructor(buckets: ReadonlyMap<number, number>, sum: number, count: number) {
    this.#buckets = [...buckets].sort(([one], [other]) => one - other);
    this.sum = sum;
    this.count = count;
  }

  /** Undefined when nothing was observed. */
  get mean(): number | undefined {
    return this.count === 0 ? undefined : this.sum / this.count;
  }

  /**
   * As Prometheus has it: straight within a bucket, and the last bound where it lies above that. Undefined when
   * nothing was observed.
   */
  quantile(share: number): number | undefined {
    if (this.count === 0) return undefined;
    const rank = share * this.count;
    let [from, below] = [0, 0];
    for (const [bound, upTo] of this.#buckets) {
      if (upTo >= rank) {
        if (bound === Number.POSITIVE_INFINITY) return from;
        return upTo === below ? bound : from + ((bound - from) * (rank - below)) / (upTo - below);
      }
      [from, below] = [bound, upTo];
    }
    return from;
  }
}

/**
 * What each partition costs, as reported, freed of the ups and downs of single reports: an exponentially weighted mean
 * in which a report's weight halves every `halfLifeMs`. The first report of a partition counts whole.
 */
export class SmoothedCosts {
  readonly #halfLifeMs: number;
  readonly #costs: (number | undefined)[];

  constructor(partitionCount: number, halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs;
    this.#costs = Array.from({ length: partitionCount }, () => undefined);
  }

  /** 0 where nothing was ever reported. */
  get values(): readonly number[] {
    return this.#costs.map((cost) => cost ?? 0);
  }

  /** `elapsedMs` since the last report of this partition. */
  add(partition: number, cost: number, elapsedMs: number): void {
    if (partition >= this.#costs.length) return;
    const before = this.#costs[partition] ?? cost;
    const kept = 0.5 ** (elapsedMs / this.#halfLifeMs);
    this.#costs[partition] = before * kept + cost * (1 - kept);
  }
}

import type { Due } from '@hunt/load/generator';

export interface NumberedArrival extends Due {
  /** From 0 on. */
  readonly number: number;
}

/** Arrivals at equal distances, the first one at once. Not one of them is made before it is asked for. */
export class EvenArrivals implements Iterator<NumberedArrival, void, void> {
  readonly count: number;
  readonly #everyMs: number;
  #next = 0;

  /** @param untilMs nothing is due then or later */
  constructor(perSecond: number, untilMs: number) {
    this.#everyMs = 1_000 / perSecond;
    this.count = Math.ceil(untilMs / this.#everyMs);
  }

  next(): IteratorResult<NumberedArrival, void> {
    if (this.#next >= this.count) return { done: true, value: undefined };
    const number = this.#next++;
    return { done: false, value: { number, dueMs: number * this.#everyMs } };
  }

  /** Passes over those that are due by then; returns how many. */
  skip(atMs: number): number {
    const from = this.#next;
    const due = Math.min(Math.floor(atMs / this.#everyMs) + 1, this.count);
    this.#next = Math.max(from, due);
    return this.#next - from;
  }
}

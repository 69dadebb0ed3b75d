interface Mark {
  /** All records below were given, and the log had no more then. */
  readonly given: number;
  readonly at: number;
}

/** Until when what is shown of a partition is known to be all that the log had. */
export class PartitionFreshness {
  #isQuiet = false;
  #first: Mark | undefined;
  #latest: Mark | undefined;
  #freshAt: number | undefined;

  /** @param given offset that the next record must have at least; `at` in ms */
  caughtUp(given: number, at: number): void {
    this.#isQuiet = true;
    if (this.#first === undefined) this.#first = { given, at };
    else this.#latest = { given, at };
  }

  /** A record is on its way, or nobody knows. */
  behind(): void {
    this.#isQuiet = false;
  }

  /** What was given has to be given again: what is shown is not what was fresh before. */
  lost(): void {
    this.#freshAt = undefined;
    this.#isQuiet = false;

    this.#first = undefined;
    this.#latest = undefined;
  }

  /** The time up to which nothing is missing; undefined when it never was so. @param shown all below is shown */
  at(shown: number, now: number): number | undefined {
    while (this.#first !== undefined && shown >= this.#first.given) {
      const isAll = this.#latest === undefined && this.#isQuiet;
      this.#freshAt = Math.max(this.#freshAt ?? 0, isAll ? now : this.#first.at);
      if (isAll) break;
      this.#first = this.#latest;
      this.#latest = undefined;
    }
    return this.#freshAt;
  }
}

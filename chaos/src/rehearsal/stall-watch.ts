/** A gap of this length is no garbage collection. */
const stallMs = 2_000;
/** What was under way when everything stopped may fail for so long afterwards: sessions have ended, requests are too late. */
const afterMs = 30_000;

/**
 * Notices when this process did not run, as on a machine that slept or was kept busy, and what went wrong because of
 * that: so that it is not held against the cluster.
 */
export class StallWatch {
  /** Milliseconds. */
  longestMs = 0;
  readonly #count: () => number;
  #excused = 0;
  #seenAt: number | undefined;
  #lastCount = 0;
  /** While what goes wrong may be of a stall: the count before it, and until when. */
  #stalled: { readonly before: number; until: number } | undefined;

  /** @param count of what goes wrong; only grows */
  constructor(count: () => number) {
    this.#count = count;
  }

  /** To be called several times a second. @param now milliseconds of any clock that only grows */
  tick(now: number): void {
    const gapMs = now - (this.#seenAt ?? now);
    this.#seenAt = now;
    if (gapMs > stallMs) {
      this.longestMs = Math.max(this.longestMs, gapMs);
      this.#stalled ??= { before: this.#lastCount, until: 0 };
      this.#stalled.until = now + afterMs;
    } else if (this.#stalled && now > this.#stalled.until) {
      this.#excused = this.excused;
      this.#stalled = undefined;
    }
    this.#lastCount = this.#count();
  }

  /** How much of it was because of stalls. */
  get excused(): number {
    return this.#excused + (this.#stalled ? this.#count() - this.#stalled.before : 0);
  }
}

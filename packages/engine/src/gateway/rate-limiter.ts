import { engineErrors } from '../errors.ts';
import { RecentMap } from '../identity/recent-map.ts';

interface Bucket {
  tokens: number;
  /** Milliseconds since the epoch. */
  filledAt: number;
}

/** A token bucket per player or address. Who was idle longest is forgotten first, and has a full one again. */
export class RateLimiter {
  #ratePerSecond: number;
  #burst: number;
  readonly #buckets: RecentMap<Bucket>;
  /** Requests turned away since the start. */
  limited = 0;

  constructor(ratePerSecond: number, burst: number, bucketsMax: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#buckets = new RecentMap(bucketsMax);
  }

  /** From now on; what a bucket has above the new burst is lost. */
  change(ratePerSecond: number, burst: number): void {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
  }

  /**
   * Takes `count` at time `now`. More than a burst at once is taken when the bucket is full, and paid
   * off afterwards, so that a batch of any size comes through sometime. Throws `engine-rate-limited`.
   */
  take(key: string, count: number, now: number): void {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokens: this.#burst, filledAt: now };
      this.#buckets.set(key, bucket);
    }
    const passedMs = Math.max(0, now - bucket.filledAt);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (passedMs * this.#ratePerSecond) / 1_000);
    bucket.filledAt = now;
    const needed = Math.min(count, this.#burst);
    if (bucket.tokens < needed) {
      this.limited += 1;
      throw engineErrors.create('engine-rate-limited', {
        rate: this.#ratePerSecond,
        burst: this.#burst,
        seconds: (needed - bucket.tokens) / this.#ratePerSecond,
      });
    }
    bucket.tokens -= count;
  }
}

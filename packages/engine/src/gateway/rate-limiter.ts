import { engineErrors } from '../errors.ts';
import { RecentMap } from '../identity/recent-map.ts';

interface Bucket {
  tokens: number;
  /** Milliseconds since the epoch. */
  filledAt: number;
}

export interface RateLimits {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** A token bucket per player or address. Who was idle longest is forgotten first, and has a full one again. */
export class RateLimiter {
  #limits: RateLimits;
  readonly #buckets: RecentMap<Bucket>;
  /** Requests turned away since the start. */
  limited = 0;

  constructor(ratePerSecond: number, burst: number, bucketsMax: number) {
    this.#limits = { ratePerSecond, burst };
    this.#buckets = new RecentMap(bucketsMax);
  }

  /** From now on; what a bucket has above the new burst is lost. */
  change(ratePerSecond: number, burst: number): void {
    this.#limits = { ratePerSecond, burst };
  }

  /**
   * Takes `count` at time `now`. More than a burst at once is taken when the bucket is full, and paid
   * off afterwards, so that a batch of any size comes through sometime. Throws `engine-rate-limited`.
   *
   * @param own what counts for this key in place of what counts for all
   */
  take(key: string, count: number, now: number, own?: RateLimits): void {
    const { ratePerSecond, burst } = own ?? this.#limits;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokens: burst, filledAt: now };
      this.#buckets.set(key, bucket);
    }
    const passedMs = Math.max(0, now - bucket.filledAt);
    bucket.tokens = Math.min(burst, bucket.tokens + (passedMs * ratePerSecond) / 1_000);
    bucket.filledAt = now;
    const needed = Math.min(count, burst);
    if (bucket.tokens < needed) {
      this.limited += 1;
      throw engineErrors.create('engine-rate-limited', {
        rate: ratePerSecond,
        burst,
        seconds: (needed - bucket.tokens) / ratePerSecond,
      });
    }
    bucket.tokens -= count;
  }
}

export interface GradientLimitSettings {
  readonly least: number;
  readonly most: number;
  readonly first: number;
}

/** How many times as slow as in the long run is still taken for no queue. */
const tolerance = 1.5;
/** Of the long run, so many samples count. */
const longSamples = 600;
/** A queue that stands must not become the long run: slower answers count for this while the limit is made use of. */
const fullWeight = 0.1;
/** A change of the limit takes effect by this share at a time. */
const smoothing = 0.2;
/** Calls that may always wait at the other side: what the limit grows by when nothing is slow. */
const allowance = 4;
const steepestFall = 0.5;
const failureFall = 0.9;

/**
 * How many calls to something may be under way at once, by how long they take: when they take longer than in
 * the long run, they wait for each other over there, and the limit falls with the ratio; else it grows, as
 * long as it is made use of. The algorithm is Gradient2 of Netflix' concurrency-limits (2018); what failed or was
 * never answered makes it fall besides, and a crowd that stays for long does not teach it that slow is usual.
 */
export class GradientLimit {
  readonly #settings: () => GradientLimitSettings;
  #limit: number;
  #longMs: number | undefined;
  #samples = 0;

  /** Settings may change at any time. */
  constructor(settings: () => GradientLimitSettings) {
    this.#settings = settings;
    this.#limit = settings().first;
  }

  /** A whole number, at least `least`. */
  get limit(): number {
    const { least, most } = this.#settings();
    return Math.max(least, Math.min(most, Math.floor(this.#limit)));
  }

  /** A call was answered after `tookMs`, when `inflight` were under way with it. */
  answered(tookMs: number, inflight: number): void {
    const took = Math.max(tookMs, 0.01);
    this.#samples = Math.min(longSamples, this.#samples + 1);
    const before = this.#longMs ?? took;
    const isFull = inflight * 2 >= this.#limit;
    const weight = isFull && took > before ? fullWeight : 1;
    let long = before + ((took - before) * weight) / this.#samples;
    // After a time of slowness the long run is too long, and would hide the next one.
    if (long > 2 * took) long *= 0.95;
    this.#longMs = long;
    if (!isFull) return;
    const gradient = Math.max(steepestFall, Math.min(1, (tolerance * long) / took));
    this.#moveTo(this.#limit * (1 - smoothing) + (this.#limit * gradient + allowance) * smoothing);
  }

  /** A call had no answer: nothing is known of how long it would take. */
  failed(): void {
    this.#moveTo(this.#limit * failureFall);
  }

  #moveTo(limit: number): void {
    const { least, most } = this.#settings();
    this.#limit = Math.max(least, Math.min(most, limit));
  }
}

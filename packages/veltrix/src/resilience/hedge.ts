import { RetryBudget } from './retry-budget.ts';

export interface HedgeSettings {
  /** Second calls as a share of first ones, 0 to 1; 0 makes none. */
  readonly share: number;
  /** A second call is made no sooner than this after the first. */
  readonly delayLeastMs: number;
}

const quantile = 0.95;
const kept = 128;
/** Before so many answers nobody knows what is slow. */
const knownFrom = 16;
/** The quantile is found anew after so many answers. */
const sortEvery = 16;
const savedUp = 10;

/**
 * When to ask a second time elsewhere without having heard from the first: once that takes longer than 19 of 20
 * calls do, and only as often as a budget allows, so that the load grows by a share that is known (Dean and Barroso,
 * "The Tail at Scale", 2013). For questions that change nothing.
 */
export class Hedge {
  readonly #settings: () => HedgeSettings;
  readonly #budget: RetryBudget;
  readonly #tookMs = new Float64Array(kept);
  #answers = 0;
  #slowMs = Number.POSITIVE_INFINITY;

  /** @param now in ms of a clock that does not jump. Settings may change at any time. */
  constructor(settings: () => HedgeSettings, now: number) {
    this.#settings = settings;
    const budget = () => ({ perRequest: settings().share, perSecond: 0, most: savedUp });
    this.#budget = new RetryBudget(budget, now);
  }

  /** Something is asked: after so many ms without an answer it may be asked elsewhere; undefined for never. */
  asked(): number | undefined {
    this.#budget.asked();
    const { share, delayLeastMs } = this.#settings();
    if (share === 0 || this.#answers < knownFrom) return undefined;
    return Math.max(delayLeastMs, this.#slowMs);
  }

  /** Whether the second call may be made. */
  allows(now: number): boolean {
    return this.#settings().share > 0 && this.#budget.tryAgain(now);
  }

  /** How long a first call took that was answered, or had been under way when the second was answered. */
  answered(tookMs: number): void {
    this.#tookMs[this.#answers % kept] = tookMs;
    this.#answers += 1;
    if (this.#answers % sortEvery !== 0) return;
    const known = this.#tookMs.slice(0, Math.min(this.#answers, kept)).sort();
    this.#slowMs = known[Math.floor((known.length - 1) * quantile)]!;
  }

  get withheld(): number {
    return this.#budget.counts.withheld;
  }
}

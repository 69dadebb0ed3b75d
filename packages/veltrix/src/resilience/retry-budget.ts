export interface RetryBudgetSettings {
  /** Retries that each first attempt pays for: 0.2 allows one more call for five. */
  readonly perRequest: number;
  /** Retries a second that are there whatever is asked: where little is asked, it may still be asked again. */
  readonly perSecond: number;
  /** Retries that may be saved up. */
  readonly most: number;
}

/**
 * How often something may be asked again, as a share of how often it is asked at all: while it is in trouble,
 * retries add that share to its load and not a multiple of it. A token bucket that requests fill and retries
 * empty (as in Finagle's RetryBudget; Google's SRE book, chapter 21, says why a number of attempts each is not enough).
 *
 * Pure: times are given, in ms of any clock that does not jump. Settings may change at any time.
 */
export class RetryBudget {
  readonly #settings: () => RetryBudgetSettings;
  #balance: number;
  #paidUntil: number;
  /** Since it was made. */
  readonly counts = { requests: 0, allowed: 0, withheld: 0 };

  constructor(settings: () => RetryBudgetSettings, now: number) {
    this.#settings = settings;
    this.#balance = settings().most;
    this.#paidUntil = now;
  }

  /** Something is asked for the first time. */
  asked(): void {
    const { perRequest, most } = this.#settings();
    this.counts.requests += 1;
    this.#balance = Math.min(most, this.#balance + perRequest);
  }

  /** Whether it may be asked once more; that is paid for by this. */
  tryAgain(now: number): boolean {
    const { perSecond, most } = this.#settings();
    const passed = Math.max(0, now - this.#paidUntil);
    this.#paidUntil = now;
    this.#balance = Math.min(most, this.#balance + (passed / 1_000) * perSecond);
    if (this.#balance < 1) {
      this.counts.withheld += 1;
      return false;
    }
    this.#balance -= 1;
    this.counts.allowed += 1;
    return true;
  }
}

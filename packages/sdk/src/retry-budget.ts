export interface RetryBudgetSettings {
  /** Retries that each call pays for. */
  readonly perCall: number;
  /** Retries a second that are there besides. */
  readonly perSecond: number;
  /** Retries that may be saved up; infinite for no budget. */
  readonly most: number;
}

/**
 * How often a client may ask again, as a share of how often it asks: while a server is in trouble, its clients
 * must not ask several times as much as before. A token bucket that calls fill and retries empty.
 */
export class RetryBudget {
  readonly #settings: RetryBudgetSettings;
  #balance: number;
  #paidUntil: number;

  /** @param now milliseconds of a clock that does not jump */
  constructor(settings: RetryBudgetSettings, now: number) {
    this.#settings = settings;
    this.#balance = settings.most;
    this.#paidUntil = now;
  }

  /** Something is asked for the first time. */
  asked(): void {
    const { perCall, most } = this.#settings;
    this.#balance = Math.min(most, this.#balance + perCall);
  }

  /** Whether it may be asked once more. */
  tryAgain(now: number): boolean {
    const { perSecond, most } = this.#settings;
    const passed = Math.max(0, now - this.#paidUntil);
    this.#paidUntil = now;
    this.#balance = Math.min(most, this.#balance + (passed / 1_000) * perSecond);
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }
}

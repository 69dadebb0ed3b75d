export interface CircuitBreakerSettings {
  /** So many failures in a row open it. */
  readonly failuresMax: number;
  /** How long it is open the first time; doubled with each probe that fails. */
  readonly openMs: number;
  readonly openMaxMs: number;
}

export const defaultCircuitBreakerSettings: CircuitBreakerSettings = {
  failuresMax: 3,
  openMs: 500,
  openMaxMs: 10_000,
};

/**
 * Keeps calls from something that does not answer, so that nobody waits for the same time-out again and again: after some failures
 * in a row it is open, and nothing is to be sent. When its time is over one call is let through, the probe,
 * and what comes of that closes it, or opens it for twice as long.
 *
 * Pure: times are given, in ms of any clock that does not jump. Whoever enters has to say how it ended, and
 * within a deadline, since nobody else enters while a probe is on its way.
 */
export class CircuitBreaker {
  readonly #settings: CircuitBreakerSettings;
  #failures = 0;
  #openMs = 0;
  /** When it may be tried again; undefined while it is closed. */
  #openUntil: number | undefined;
  #isProbing = false;

  constructor(settings: CircuitBreakerSettings = defaultCircuitBreakerSettings) {
    this.#settings = settings;
  }

  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** Open, and its time is over: the next call that enters is the probe. */
  isDue(now: number): boolean {
    return this.#openUntil !== undefined && now >= this.#openUntil && !this.#isProbing;
  }

  /** Time until a call may be let through, in ms; 0 when it is now. */
  waitMs(now: number): number {
    return this.#openUntil === undefined ? 0 : Math.max(0, this.#openUntil - now);
  }

  /** Whether a call may be made; if so, say `succeeded`, `failed` or `abandoned` when it has ended. */
  enter(now: number): boolean {
    if (!this.isOpen) return true;
    if (!this.isDue(now)) return false;
    this.#isProbing = true;
    return true;
  }

  /** While it is open, the answer to a call of before says nothing new. */
  succeeded(): void {
    if (this.isOpen && !this.#isProbing) return;
    this.#failures = 0;
    this.#openMs = 0;
    this.#openUntil = undefined;
    this.#isProbing = false;
  }

  failed(now: number): void {
    this.#failures += 1;
    if (this.isOpen) {
      if (this.#isProbing) this.open(now);
    } else if (this.#failures >= this.#settings.failuresMax) this.open(now);
  }

  /** Whoever called has given up before there was anything to say: as if the call had not been. */
  abandoned(): void {
    this.#isProbing = false;
  }

  /** Opens it, for longer if it is open already, whatever calls say. */
  open(now: number): void {
    const { openMs, openMaxMs } = this.#settings;
    this.#openMs = this.#openMs === 0 ? openMs : Math.min(openMaxMs, this.#openMs * 2);
    this.#openUntil = now + this.#openMs;
    this.#isProbing = false;
  }
}

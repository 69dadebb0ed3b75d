import type { Clock } from 'veltrix';

const tickMs = 10;
/** Of what a second allows, this much may be saved up for a burst. */
const burstShare = 0.1;

export interface RefusalPace {
  /** `gateway.refusalsPerSecond`. */
  readonly perSecond: number;
  /** `gateway.refusalWaitMaxMs`. */
  readonly waitMaxMs: number;
  /** Refusals that may wait; more are answered at once. */
  readonly waitingMax: number;
}

interface Waiting {
  readonly answer: () => void;
  readonly until: number;
}

/**
 * Answers refusals no faster than a steady rate. A refusal that is answered at once comes back at once,
 * and a crowd that is told no ten thousand times a second leaves no time to say yes: held for a
 * moment, it costs a connection that waits and nothing else. A few refusals are answered at once.
 */
export class PacedRefusals {
  readonly #clock: Clock;
  readonly #pace: RefusalPace;
  #waiting: Waiting[] = [];
  #allowance: number;
  #allowedAt: number;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, pace: RefusalPace) {
    this.#clock = clock;
    this.#pace = pace;
    this.#allowance = pace.perSecond * burstShare;
    this.#allowedAt = clock.now();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Milliseconds that the oldest has waited. */
  get ageMs(): number {
    const [oldest] = this.#waiting;
    if (!oldest) return 0;
    return Math.max(0, this.#clock.now() + this.#pace.waitMaxMs - oldest.until);
  }

  /** Calls `answer` now or within `waitMaxMs`, in the order of the calls. */
  add(answer: () => void): void {
    const now = this.#clock.now();
    this.#allow(now);
    const isFull = this.#waiting.length >= this.#pace.waitingMax;
    if (isFull || (this.#waiting.length === 0 && this.#allowance >= 1)) {
      this.#allowance -= 1;
      answer();
      return;
    }
    this.#waiting.push({ answer, until: now + this.#pace.waitMaxMs });
    this.#cancel ??= this.#clock.after(tickMs, this.#tick);
  }

  /** Answers all that wait: the gateway is stopping. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const { answer } of this.#waiting.splice(0)) answer();
  }

  /** Adds what the time since the last call allows. */
  #allow(now: number): void {
    const { perSecond } = this.#pace;
    const earned = (Math.max(0, now - this.#allowedAt) / 1_000) * perSecond;
    this.#allowance = Math.min(perSecond * burstShare, this.#allowance + earned);
    this.#allowedAt = now;
  }

  readonly #tick = (): void => {
    const now = this.#clock.now();
    this.#allow(now);
    let answered = 0;
    for (const { answer, until } of this.#waiting) {
      if (this.#allowance < 1 && now < until) break;
      this.#allowance = Math.max(0, this.#allowance - 1);
      answered += 1;
      answer();
    }
    this.#waiting = this.#waiting.slice(answered);
    this.#cancel = this.#waiting.length > 0 ? this.#clock.after(tickMs, this.#tick) : undefined;
  };
}

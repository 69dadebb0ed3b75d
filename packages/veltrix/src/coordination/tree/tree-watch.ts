import type { Clock } from '../../clock.ts';
import type { TreeFailure, TreeResult } from './tree.ts';
import { isPassing } from './tree-attempt.ts';
import { treeError } from './tree-error.ts';

export interface TreeWatchOptions<T> {
  readonly clock: Clock;
  /** What is watched, for messages. */
  readonly place: string;
  readonly timings: WatchTimings;
  readonly look: (changed: () => void, done: (result: TreeResult<T>) => void) => void;
  readonly show: (value: T) => void;
  /** `recheckMs` for what was read last; that of `timings` where it is not given. */
  readonly recheckMs?: (value: T) => number;
  readonly problem: (error: Error) => void;
}

export interface WatchTimings {
  /** Pause before a look that failed is taken again. */
  readonly retryMs: number;
  /** Longest time without a look: what a notification that got lost can cost. */
  readonly recheckMs: number;
}

/**
 * Keeps looking at one thing: a watch fires once, so each look arms the next, and looks never overlap, so that what
 * is shown last is what was read last. It looks again after a notification, a new connection, a failure,
 * and at `recheckMs`, which makes it independent of notifications that never come.
 */
export class TreeWatch<T> {
  readonly #options: TreeWatchOptions<T>;
  #isLooking = false;
  #isStale = false;
  #isStopped = false;
  #cancelTimer: () => void = () => {};
  /** The same function each time: whoever holds it for us holds it once. */
  readonly #changed = () => this.look();

  constructor(options: TreeWatchOptions<T>) {
    this.#options = options;
  }

  look(): void {
    if (this.#isStopped) return;
    this.#isStale = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#isStale = false;
    this.#cancelTimer();
    this.#options.look(this.#changed, (result) => this.#looked(result));
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  #looked(result: TreeResult<T>): void {
    this.#isLooking = false;
    if (this.#isStopped) return;
    const { timings, recheckMs } = this.#options;
    if (result.ok) this.#options.show(result.value);
    else if (result.failure === 'closed') return this.stop();
    else this.#report(result.failure);
    // What was shown may have stopped this watch or asked for another look.
    if (this.#isStopped || this.#isLooking) return;
    if (this.#isStale && result.ok) this.look();
    else if (result.ok) this.lookAfter(recheckMs?.(result.value) ?? timings.recheckMs);
    else this.lookAfter(timings.retryMs);
  }

  /** The next look at the latest after this time. */
  lookAfter(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, this.#changed);
  }

  /** Out of touch is told by the session; here it would be said again and again. */
  #report(failure: TreeFailure): void {
    if (isPassing(failure)) return;
    this.#options.problem(treeError(failure, this.#options.place));
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A moment after which nobody waits for what was asked any more, on the clock of `performance.now`, which does
 * not jump. Between processes it travels as the time that is left: their clocks may differ.
 */
export class Deadline {
  /** As `performance.now` tells it, in ms. */
  readonly at: number;

  private constructor(at: number) {
    this.at = at;
  }

  /** @param ms from now, or from `since` */
  static after(ms: number, since: number = performance.now()): Deadline {
    return new Deadline(since + ms);
  }

  /** Milliseconds; 0 once it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.at - performance.now());
  }

  get hasPassed(): boolean {
    return performance.now() >= this.at;
  }
}

const scope = new AsyncLocalStorage<Deadline>();

/** Runs `work`; whatever it calls, also later and elsewhere, finds the deadline by `currentDeadline`. */
export function withDeadline<Result>(deadline: Deadline, work: () => Result): Result {
  return scope.run(deadline, work);
}

/** Of the work that this is a part of; undefined where nobody has set one. */
export function currentDeadline(): Deadline | undefined {
  return scope.getStore();
}

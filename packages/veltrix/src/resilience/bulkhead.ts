import type { Clock } from '../clock.ts';
import { GradientLimit, type GradientLimitSettings } from './gradient-limit.ts';

export interface BulkheadSettings extends GradientLimitSettings {
  /** Callers that may wait for their turn; more are turned away. */
  readonly waitingMax: number;
}

export interface BulkheadOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** They may change at any time. */
  readonly settings: () => BulkheadSettings;
}

/** A call that was let in. One of them has to be called, once, however it ends. */
export interface Passage {
  answered(): void;
  failed(): void;
  /** The caller had no more time: that says nothing of the other side. */
  abandoned(): void;
}

interface Waiting {
  readonly pass: (passage: Passage | undefined) => void;
  readonly cancel: () => void;
}

/**
 * Keeps what is slow to itself: calls to one dependency have a limit of their own, found by how long they
 * take, so that a dependency that hangs holds so many callers and sockets and not all there are.
 */
export class Bulkhead {
  readonly #options: BulkheadOptions;
  readonly #limit: GradientLimit;
  readonly #waiting = new Set<Waiting>();
  #inflight = 0;
  /** Since it was made. */
  readonly counts = { entered: 0, refused: 0 };

  constructor(options: BulkheadOptions) {
    this.#options = options;
    this.#limit = new GradientLimit(options.settings);
  }

  get limit(): number {
    return this.#limit.limit;
  }

  get inflight(): number {
    return this.#inflight;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Undefined when too many wait already, or when it is not the caller's turn within `waitMs`. */
  async enter(waitMs: number): Promise<Passage | undefined> {
    const passage = this.tryEnter();
    if (passage) return passage;
    if (waitMs <= 0 || this.#waiting.size >= this.#options.settings().waitingMax) {
      return this.#refuse();
    }
    return new Promise((pass) => {
      const waiting: Waiting = {
        pass,
        cancel: this.#options.clock.after(waitMs, () => {
          this.#waiting.delete(waiting);
          pass(this.#refuse());
        }),
      };
      this.#waiting.add(waiting);
    });
  }

  /** At once or not at all: undefined where there is no room, which is not counted as a refusal. */
  tryEnter(): Passage | undefined {
    return this.#waiting.size === 0 && this.#inflight < this.limit ? this.#admit() : undefined;
  }

  #refuse(): undefined {
    this.counts.refused += 1;
    return undefined;
  }

  #admit(): Passage {
    const beganAt = this.#options.now();
    const inflight = ++this.#inflight;
    this.counts.entered += 1;
    let isOver = false;
    const end = (note: () => void) => {
      if (isOver) return;
      isOver = true;
      note();
      this.#inflight -= 1;
      this.#letIn();
    };
    return {
      answered: () => end(() => this.#limit.answered(this.#options.now() - beganAt, inflight)),
      failed: () => end(() => this.#limit.failed()),
      abandoned: () => end(() => {}),
    };
  }

  #letIn(): void {
    for (const waiting of this.#waiting) {
      if (this.#inflight >= this.limit) return;
      this.#waiting.delete(waiting);
      waiting.cancel();
      waiting.pass(this.#admit());
    }
  }
}

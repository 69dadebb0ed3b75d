import type { Clock } from 'veltrix';
import type { CommandBatch } from './command-batch.ts';

/** Batches whose time is over are looked for at most this often: when a log stands still there are thousands. */
const lookEveryMs = 50;

export interface LateBatchesOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Milliseconds, as `usefulUntil` counts them. */
  readonly steadyNow: () => number;
  /** Those that somebody waits for. */
  readonly waiting: () => Iterable<CommandBatch>;
  /** Nobody waits for any command of the batch any more. Called once for each. */
  readonly late: (batch: CommandBatch) => void;
}

/** Finds the batches for whose outcomes everybody has given up while they still wait. One timer for all. */
export class LateBatches {
  readonly #options: LateBatchesOptions;
  #lookAt = Number.POSITIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(options: LateBatchesOptions) {
    this.#options = options;
  }

  /** A batch begins to wait. */
  watch({ usefulUntil }: CommandBatch): void {
    if (usefulUntil >= this.#lookAt) return;
    this.#arm(usefulUntil);
  }

  close(): void {
    this.#cancel?.();
  }

  #arm(at: number): void {
    this.#cancel?.();
    this.#lookAt = at;
    const dueAt = Math.max(at, this.#lookedAt + lookEveryMs);
    const { clock, steadyNow } = this.#options;
    const delayMs = Math.max(0, Math.ceil(dueAt - steadyNow()));
    this.#cancel = clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    this.#cancel = undefined;
    this.#lookAt = Number.POSITIVE_INFINITY;
    const { waiting, late, steadyNow } = this.#options;
    const now = steadyNow();
    this.#lookedAt = now;
    const found: CommandBatch[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const batch of waiting()) {
      if (batch.usefulUntil <= now) found.push(batch);
      else next = Math.min(next, batch.usefulUntil);
    }
    for (const batch of found) {
      batch.usefulUntil = Number.POSITIVE_INFINITY;
      late(batch);
    }
    // What was told may have sent another.
    if (next < this.#lookAt) this.#arm(next);
  }
}

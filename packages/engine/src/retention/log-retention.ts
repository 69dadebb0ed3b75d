import { type Clock, CodedError } from 'veltrix';
import type { Retained } from './retain-partition.ts';

export interface LogRetentionOptions {
  /** By partition: every event record below is in the archive for good. */
  readonly archive: { archivedEnds(): Promise<readonly number[]> };
  /** Lets go of what neither recovery nor the archive needs. */
  readonly processors: {
    retain(archivedEnds: readonly number[], keepBytes: number): Promise<readonly Retained[]>;
  };
  readonly clock: Clock;
  /** `log.retainBytes`. */
  readonly keepBytes: number;
  /** `log.retainIntervalMs`. */
  readonly intervalMs: number;
  readonly onRetained: (retained: Retained) => void;
  /** The archive cannot say what it has: the log is kept, and the next interval tries again. */
  readonly onFailed: (error: Error) => void;
}

/** Keeps the log from growing for ever: asks at intervals what is archived, and lets go of it. */
export class LogRetention {
  readonly #options: LogRetentionOptions;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: LogRetentionOptions) {
    this.#options = options;
    this.#wait();
  }

  #wait(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(this.#options.intervalMs, () => {
      this.#running = this.#attempt().then(() => this.#wait());
    });
  }

  async #attempt(): Promise<void> {
    const { archive, processors, keepBytes, onRetained, onFailed } = this.#options;
    try {
      const ends = await archive.archivedEnds();
      for (const retained of await processors.retain(ends, keepBytes)) onRetained(retained);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      if (!this.#closed) onFailed(error);
    }
  }

  /** Waits for the attempt in work. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
  }
}

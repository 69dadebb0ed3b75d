import type { Clock } from 'veltrix';
import type { RetainedLog } from 'veltrix/cluster';
import type { SharedArchive } from '../archive/archive.ts';
import { engineErrors } from '../errors.ts';
import type { OwnerClient } from './owner-client.ts';

export interface SharedRetentionOptions {
  readonly partitionCount: number;
  readonly archive: Pick<SharedArchive, 'archivedEnd'>;
  readonly owners: Pick<OwnerClient, 'ask'>;
  readonly clock: Clock;
  /** `log.retainBytes`; infinite to keep everything. It and the interval may change at any time. */
  readonly keepBytes: number;
  /** `log.retainIntervalMs`. */
  readonly intervalMs: number;
  /** Nothing below `eventsFrom` is in the log any more, as far as whole segments allow. */
  readonly onRetained: (partition: number, eventsFrom: number) => void;
  /** `engine-log-held-back`, and why a partition could not be looked at; the next interval tries again. */
  readonly onProblem: (error: Error) => void;
}

/** Held back for longer than between two batches of the archive: worth a warning. */
const heldWarnBytes = 64 << 20;

/**
 * Keeps the shared log from growing for ever. What the archive holds for good nobody needs from the log
 * but new owners, who begin with a checkpoint; so the archiver says how far it is, and the owner, who
 * knows the checkpoints, cuts its partition below both. While the archive cannot be asked, nothing goes.
 */
export class SharedRetention {
  readonly #options: SharedRetentionOptions;
  /** By partition: where it was cut last. */
  readonly #cuts = new Map<number, number>();
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: SharedRetentionOptions) {
    this.#options = options;
    this.#wait();
  }

  #wait(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(this.#options.intervalMs, () => {
      this.#running = this.#all().then(() => this.#wait());
    });
  }

  async #all(): Promise<void> {
    const { partitionCount, onProblem, keepBytes } = this.#options;
    if (keepBytes === Number.POSITIVE_INFINITY) return;
    for (let partition = 0; partition < partitionCount && !this.#closed; partition++) {
      try {
        await this.#retain(partition, keepBytes);
      } catch (error) {
        if (!this.#closed) onProblem(error as Error);
      }
    }
  }

  async #retain(partition: number, keepBytes: number): Promise<void> {
    const { archive, owners, onRetained, onProblem } = this.#options;
    let reason = 'the archive has not taken it in yet';
    const end = await archive.archivedEnd(partition).catch((error: Error) => {
      reason = error.message;
      return 0;
    });
    // Whoever goes on from the archive's end reads the record before it, which says what an owner knew.
    const neededFrom = Math.max(0, end - 1);
    const query = { ask: 'retain', partition, neededFrom, keepBytes } as const;
    const { eventsFrom, heldBytes } = (await owners.ask(query)) as RetainedLog;
    if (this.#closed) return;
    if (eventsFrom > Math.max(1, this.#cuts.get(partition) ?? 0)) {
      this.#cuts.set(partition, eventsFrom);
      onRetained(partition, eventsFrom);
    }
    if (heldBytes < Math.max(heldWarnBytes, keepBytes)) return;
    const details = { partition, bytes: heldBytes, reason };
    onProblem(engineErrors.create('engine-log-held-back', details));
  }

  /** Waits for the partition in work. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
  }
}

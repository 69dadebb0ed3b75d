import type { StateStore } from 'veltrix';
import type { KafkaStateStores } from 'veltrix/kafka';
import { engineErrors } from '../errors.ts';

/** State stores that are read before the partition needs them: its host does not wait. */
export class PreparedStores {
  readonly #stores: KafkaStateStores;
  readonly #ready = new Map<number, StateStore>();
  readonly #failed = new Set<number>();
  readonly #opening = new Map<number, Promise<void>>();

  constructor(stores: KafkaStateStores) {
    this.#stores = stores;
  }

  /** Resolves when the store can be taken; rejects with what opening it does. */
  prepare(partition: number): Promise<void> {
    if (this.#ready.has(partition)) return Promise.resolve();
    const present = this.#opening.get(partition);
    if (present) return present;
    const opening = this.#stores
      .open(partition)
      .then(
        (store) => {
          this.#failed.delete(partition);
          this.#ready.set(partition, store);
        },
        (error) => {
          this.#failed.add(partition);
          throw error;
        },
      )
      .finally(() => this.#opening.delete(partition));
    this.#opening.set(partition, opening);
    return opening;
  }

  /** Whether it can be taken, or could not be read when that was tried last. */
  isOver(partition: number): boolean {
    return this.#ready.has(partition) || this.#failed.has(partition);
  }

  /** Throws `engine-cluster-state-unread` while it is not prepared, and prepares it. */
  take(partition: number): StateStore {
    const store = this.#ready.get(partition);
    this.#ready.delete(partition);
    if (store) return store;
    this.prepare(partition).catch(() => {});
    throw engineErrors.create('engine-cluster-state-unread', { partition });
  }

  /** What was prepared and not taken gets old. */
  drop(partition: number): void {
    this.#ready.get(partition)?.close();
    this.#ready.delete(partition);
    this.#failed.delete(partition);
  }
}

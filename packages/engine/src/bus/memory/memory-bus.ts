import type { Bus, DecidedListener } from '../bus.ts';

/** Within one process: listeners are called in the publisher's turn, and nothing is ever lost. */
export class MemoryBus implements Bus {
  readonly #listeners: DecidedListener[] = [];
  readonly #onError: (error: unknown) => void;

  /** @param onError called with what a listener threw */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  onDecided(listener: DecidedListener): void {
    this.#listeners.push(listener);
  }

  publish(partition: number, offset: number, record: Uint8Array): void {
    for (const listener of this.#listeners) {
      try {
        listener(partition, offset, record);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

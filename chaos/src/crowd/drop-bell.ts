import { setTimeout as pause } from 'node:timers/promises';
import type { Drop } from './chaos-hunt.ts';

const dropEveryMs = 1_500;

/** Rings for one treasure after the other, and for the rest at once when it is time to stop. */
export class DropBell {
  readonly #bells: readonly PromiseWithResolvers<void>[];

  constructor(drops: readonly Drop[], stop: AbortSignal) {
    this.#bells = drops.map(() => Promise.withResolvers<void>());
    void this.#ring(stop);
  }

  async #ring(stop: AbortSignal): Promise<void> {
    for (const bell of this.#bells) {
      await pause(dropEveryMs, undefined, { signal: stop }).catch(() => {});
      bell.resolve();
    }
  }

  rings(number: number): Promise<void> {
    return this.#bells[number]!.promise;
  }
}

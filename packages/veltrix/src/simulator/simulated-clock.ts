import type { Clock } from '../clock.ts';
import type { EventQueue } from './event-queue.ts';

/** What simulated clocks show when a world begins: 2027-01-15T08:00:00Z. */
export const simulatedEpoch = 1_800_000_000_000;

/** How far a machine's clock is off; outlives the processes that read it. */
export interface ClockSkew {
  ms: number;
}

/** The clock of one life of a node: after its death nothing it deferred happens any more. */
export class SimulatedClock implements Clock {
  readonly #queue: EventQueue;
  readonly #skew: ClockSkew;
  readonly #isAlive: () => boolean;

  constructor(queue: EventQueue, skew: ClockSkew, isAlive: () => boolean) {
    this.#queue = queue;
    this.#skew = skew;
    this.#isAlive = isAlive;
  }

  now(): number {
    return simulatedEpoch + this.#queue.now + this.#skew.ms;
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#queue.schedule(delayMs, () => {
      if (this.#isAlive()) task();
    });
  }

  defer(task: () => void): void {
    this.after(0, task);
  }
}

import type { Clock } from '../../clock.ts';
import type { EventQueue } from '../event-queue.ts';
import { type ClockSkew, SimulatedClock } from '../simulated-clock.ts';

/** The clock of one life of a process that can be stopped and woken again, and does not notice. */
export class NodeClock implements Clock {
  readonly #clock: SimulatedClock;
  #isAlive = true;
  #isFrozen = false;
  /** What came due while it was frozen. */
  #held: (() => void)[] = [];

  constructor(queue: EventQueue, skew: ClockSkew) {
    this.#clock = new SimulatedClock(queue, skew, () => this.#isAlive);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, task: () => void): () => void {
    let isCancelled = false;
    const run = () => {
      if (isCancelled) return;
      if (this.#isFrozen) this.#held.push(run);
      else task();
    };
    this.#clock.after(delayMs, run);
    return () => {
      isCancelled = true;
    };
  }

  defer(task: () => void): void {
    this.after(0, task);
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  wake(): void {
    this.#isFrozen = false;
    const held = this.#held;
    this.#held = [];
    for (const run of held) this.#clock.defer(run);
  }

  kill(): void {
    this.#isAlive = false;
    this.#held = [];
  }
}

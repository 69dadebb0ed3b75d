import type { Clock } from '../clock.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedDisk } from './simulated-disk.ts';

/** A disk and a clock for tests of storage: things happen when, and only when, `step` is called. */
export class SteppedWorld {
  readonly random: SeededRandom;
  readonly disk: SimulatedDisk;
  readonly clock: Clock;
  #tasks: (() => void)[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    const schedule = (task: () => void) => {
      this.#tasks.push(task);
    };
    this.disk = new SimulatedDisk({ random: this.random, schedule });
    this.clock = {
      now: () => 0,
      defer: schedule,
      after: () => {
        throw new Error('nothing here waits for time to pass');
      },
    };
  }

  /** Runs the oldest task; false when there is none. */
  step(): boolean {
    const task = this.#tasks.shift();
    task?.();
    return task !== undefined;
  }

  until(condition: () => boolean): void {
    while (!condition()) {
      if (!this.step()) throw new Error('nothing is left to happen');
    }
  }

  crash(): void {
    this.#tasks = [];
    this.disk.fullAfterBytes = Number.POSITIVE_INFINITY;
    this.disk.crash();
  }
}

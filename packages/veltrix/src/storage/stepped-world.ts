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

  /** Runs one of the tasks at random, as completions come in any order; false when there is none. */
  step(): boolean {
    const [task] = this.#tasks.splice(Math.floor(this.random.next() * this.#tasks.length), 1);
    task?.();
    return task !== undefined;
  }

  until(condition: () => boolean): void {
    while (!condition()) {
      if (!this.step()) throw new Error('nothing is left to happen');
    }
  }

  /** The process dies, the power stays. */
  kill(): void {
    this.#tasks = [];
    this.disk.kill();
  }

  crash(): void {
    this.#tasks = [];
    this.disk.crash();
  }
}

import type { Clock } from '../clock.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedDisk } from './simulated-disk.ts';

/** A disk and a clock for tests of storage: things happen when, and only when, `step` is called. */
export class SteppedWorld {
  readonly random: SeededRandom;
  readonly disk: SimulatedDisk;
  readonly clock: Clock;
  #tasks: (() => void)[] = [];
  #timers: (() => void)[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    const schedule = (task: () => void) => {
      this.#tasks.push(task);
    };
    this.disk = new SimulatedDisk({ random: this.random, schedule });
    this.clock = {
      now: () => 0,
      defer: schedule,
      after: (_delayMs, task) => {
        this.#timers.push(task);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== task);
        };
      },
    };
  }

  /**
   * Runs one of the tasks at random, as completions come in any order; time passes only when there is none
   * left. False when nothing waits for time either.
   */
  step(): boolean {
    const tasks = this.#tasks.length > 0 ? this.#tasks : this.#timers;
    const [task] = tasks.splice(Math.floor(this.random.next() * tasks.length), 1);
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
    this.#timers = [];
    this.disk.kill();
  }

  crash(): void {
    this.#tasks = [];
    this.#timers = [];
    this.disk.crash();
  }
}

import type { Clock } from '../clock.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import type { Random } from './simulated-file.ts';

/** A small generator with a seed: mulberry32, public domain, by Tommy Ettinger. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** A disk and a clock for tests of storage: things happen when, and only when, `step` is called. */
export class SimulatedWorld {
  readonly random: Random;
  readonly disk: SimulatedDisk;
  readonly clock: Clock;
  #tasks: (() => void)[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed);
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

import type { Clock } from 'veltrix';

interface Task {
  readonly dueAt: number;
  readonly run: () => void;
}

/** Time that moves only when a test says so. */
export class ManualClock implements Clock {
  #now: number;
  #tasks: Task[] = [];
  #deferred: (() => void)[] = [];

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { dueAt: this.#now + delayMs, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== task);
    };
  }

  /** How many are set. */
  get timers(): number {
    return this.#tasks.length;
  }

  defer(task: () => void): void {
    this.#deferred.push(task);
  }

  /** Runs what was deferred, and what that defers, until nothing is left. */
  turn(): void {
    for (let run = this.#deferred.shift(); run !== undefined; run = this.#deferred.shift()) run();
  }

  /** Runs the first of what was deferred. */
  nextDeferred(): void {
    this.#deferred.shift()?.();
  }

  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    this.turn();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      const task = next;
      this.#tasks = this.#tasks.filter((other) => other !== task);
      this.#now = Math.max(this.#now, task.dueAt);
      task.run();
      this.turn();
    }
    this.#now = until;
  }

  #next(until: number): Task | undefined {
    return this.#tasks
      .filter(({ dueAt }) => dueAt <= until)
      .sort((one, other) => one.dueAt - other.dueAt)[0];
  }
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { HealthBoard } from './health-board.ts';

/** How often the thread that folds shows that its loop turns. */
export const healthTickMs = 100;
/** Of the delay histogram: what a loop that is idle shows. */
const resolutionMs = 10;

/** The health of the thread it is made in, kept on a board for the heartbeat's thread. */
export class Health {
  readonly board: HealthBoard;
  readonly #delays = monitorEventLoopDelay({ resolution: resolutionMs });
  #timer: NodeJS.Timeout | undefined;

  constructor(partitionCount: number) {
    this.board = new HealthBoard(partitionCount);
  }

  start(): void {
    this.#delays.enable();
    this.board.tick(0);
    let dueAt = performance.now() + healthTickMs;
    this.#timer = setInterval(() => {
      const now = performance.now();
      const measuredMs = this.#delays.count === 0 ? 0 : this.#delays.percentile(99) / 1e6;
      // A reset forgets a delay that the histogram is just about to record; this tick was late by the same.
      const delayMs = Math.max(measuredMs - resolutionMs, now - dueAt, 0);
      this.#delays.reset();
      dueAt = now + healthTickMs;
      this.board.tick(delayMs);
    }, healthTickMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#delays.disable();
  }
}

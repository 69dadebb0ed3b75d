import { availableParallelism } from 'node:os';
import type { LoadReport, PartitionReport } from './coordinator.ts';
import { type HealthBoard, sharedNow } from './health-board.ts';

/** Makes reports of what a board shows; in the thread of the heartbeat. */
export class LoadMeter {
  readonly #board: HealthBoard;
  readonly #instance: string;
  readonly #tickMs: number;
  readonly #cores: number;
  readonly #busy = new Map<number, number>();
  #sequence = 0;
  #cpu = process.cpuUsage();
  #at = sharedNow();

  /** @param cores that the node counts on; 0 for all that it may use */
  constructor(board: HealthBoard, instance: string, tickMs: number, cores = 0) {
    this.#board = board;
    this.#instance = instance;
    this.#tickMs = tickMs;
    this.#cores = cores === 0 ? availableParallelism() : cores;
  }

  /** Rates are since the last report. */
  report(): LoadReport {
    const now = sharedNow();
    const elapsedMs = Math.max(1, (now - this.#at) >>> 0);
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    this.#at = now;
    this.#sequence += 1;
    const partitions: PartitionReport[] = [];
    for (let partition = 0; partition < this.#board.partitionCount; partition++) {
      const seen = this.#board.read(partition);
      if (seen === undefined) {
        this.#busy.delete(partition);
        continue;
      }
      const { busyMicroseconds, ...rest } = seen;
      const before = this.#busy.get(partition) ?? busyMicroseconds;
      this.#busy.set(partition, busyMicroseconds);
      // Microseconds per millisecond are milliseconds per second.
      partitions.push({ ...rest, cost: ((busyMicroseconds - before) >>> 0) / elapsedMs });
    }
    return {
      instance: this.#instance,
      sequence: this.#sequence,
      cpu: Math.min(1, (user + system) / 1_000 / elapsedMs / this.#cores),
      eventLoopDelayMs: this.#board.delayMs(this.#tickMs),
      draining: this.#board.isDraining,
      partitions,
    };
  }
}

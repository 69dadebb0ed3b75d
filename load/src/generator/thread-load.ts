import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { ThreadRecord } from './load-record.ts';

interface Reading {
  readonly at: number;
  readonly loop: ReturnType<typeof performance.eventLoopUtilization>;
  readonly cpuUs: number;
  /** Undefined where the system does not tell. */
  readonly starvedNs: number | undefined;
}

/** Measures the thread that it is made in: how busy it is, and whether the system lets it run. */
export class ThreadLoad {
  readonly #start = read();
  #last = this.#start.loop;

  /** Share of the time since the last call in which the event loop worked. */
  busySinceLast(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#last);
    this.#last = now;
    return utilization;
  }

  /** Since it was made. */
  record(): ThreadRecord {
    const [start, end] = [this.#start, read()];
    const ms = Math.max(1, end.at - start.at);
    const isTold = start.starvedNs !== undefined && end.starvedNs !== undefined;
    return {
      busy: performance.eventLoopUtilization(end.loop, start.loop).utilization,
      cpu: (end.cpuUs - start.cpuUs) / 1_000 / ms,
      starved: isTold ? (end.starvedNs! - start.starvedNs!) / 1_000_000 / ms : null,
    };
  }
}

function read(): Reading {
  const { user, system } = process.threadCpuUsage();
  return {
    at: performance.now(),
    loop: performance.eventLoopUtilization(),
    cpuUs: user + system,
    starvedNs: waitedForProcessorNs(),
  };
}

/** Linux: the second number is how long the thread could have run and waited for a processor. */
function waitedForProcessorNs(): number | undefined {
  try {
    const waited = Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]);
    return Number.isFinite(waited) ? waited : undefined;
  } catch {
    return undefined;
  }
}

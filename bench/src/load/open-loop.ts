import { sendNumbered } from './closed-loop.ts';
import { type HttpConnection, openConnections } from './http-connection.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { NumberedRequest } from './request.ts';

export interface OpenLoopOptions {
  readonly port: number;
  readonly connections: number;
  /** Requests a second, by a schedule that waits for no answer. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly requests: readonly NumberedRequest[];
  /**
   * What becomes of a request that is due while every connection waits for an answer. `queue`: it is sent
   * as soon as one is free, and its latency counts from when it was due. `drop`: it is never sent; the
   * latency of the others counts from when they were sent.
   */
  readonly whenBusy: 'queue' | 'drop';
  /** Called about once a second. */
  readonly onSecond?: () => void;
}

export interface OpenLoopResult {
  readonly offered: number;
  readonly unsent: number;
  readonly goodPerSecond: number;
  readonly byStatus: Readonly<Record<number, number>>;
  /** Of good responses, milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lostConnections: number;
}

const tickMs = 1;

/** Sends requests when they are due, whatever the server does. */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const loop = new OpenLoop(options);
  await loop.run();
  return loop.result();
}

class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #latencies = new LatencyHistogram();
  readonly #byStatus: Record<number, number> = {};
  /** Ring of connections without a request, so that all take their turn. */
  readonly #free: (HttpConnection | undefined)[];
  #freeFrom = 0;
  #freeCount = 0;
  #start = 0;
  /** Requests that were due so far, and those of them that were sent or dropped. */
  #due = 0;
  #handled = 0;
  #unsent = 0;
  #lost = 0;
  #countsFrom = 0;
  #offered = 0;
  #isDone = false;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    this.#free = new Array(options.connections);
  }

  async run(): Promise<void> {
    const { port, connections, seconds, warmUpSeconds, onSecond } = this.#options;
    const open = await openConnections(port, connections, {
      onResponse: (connection, status) => this.#responded(connection, status),
      onLost: () => {
        this.#lost += 1;
      },
    });
    for (const connection of open) this.#release(connection);
    this.#start = performance.now();
    this.#countsFrom = this.#start + warmUpSeconds * 1_000;
    const end = this.#countsFrom + seconds * 1_000;
    let second = this.#start;
    for (let now = this.#start; now < end; now = performance.now()) {
      this.#pump(now);
      if (now >= second) {
        onSecond?.();
        second += 1_000;
      }
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
    this.#isDone = true;
    // What is still waiting was late: it counts as such, and not as if it had never been due.
    if (this.#options.whenBusy === 'queue') {
      for (; this.#handled < this.#due; this.#handled++) this.#latencies.add(end - this.#dueAt());
    }
    for (const connection of open) connection.close();
  }

  #dueAt(): number {
    return this.#start + (this.#handled / this.#options.perSecond) * 1_000;
  }

  #pump(now: number): void {
    if (this.#isDone) return;
    const { perSecond, requests, whenBusy } = this.#options;
    const due = Math.floor(((now - this.#start) / 1_000) * perSecond);
    if (now >= this.#countsFrom) this.#offered += due - this.#due;
    this.#due = due;
    for (; this.#handled < due && this.#freeCount > 0; this.#handled++) {
      const at = whenBusy === 'queue' ? this.#dueAt() : performance.now();
      sendNumbered(this.#take(), requests[this.#handled % requests.length]!, at);
    }
    if (whenBusy === 'queue') return;
    if (now >= this.#countsFrom) this.#unsent += due - this.#handled;
    this.#handled = due;
  }

  #responded(connection: HttpConnection, status: number): void {
    const now = performance.now();
    if (now >= this.#countsFrom && !this.#isDone) {
      this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
      if (status < 300) this.#latencies.add(now - connection.startedAt);
    }
    this.#release(connection);
    this.#pump(now);
  }

  #release(connection: HttpConnection): void {
    this.#free[(this.#freeFrom + this.#freeCount) % this.#free.length] = connection;
    this.#freeCount += 1;
  }

  #take(): HttpConnection {
    const connection = this.#free[this.#freeFrom]!;
    this.#freeFrom = (this.#freeFrom + 1) % this.#free.length;
    this.#freeCount -= 1;
    return connection;
  }

  result(): OpenLoopResult {
    const good = Object.entries(this.#byStatus)
      .filter(([status]) => Number(status) < 300)
      .reduce((sum, [, count]) => sum + count, 0);
    return {
      offered: this.#offered,
      unsent: this.#unsent,
      goodPerSecond: good / this.#options.seconds,
      byStatus: this.#byStatus,
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      lostConnections: this.#lost,
    };
  }
}

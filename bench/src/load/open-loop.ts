import { type ArrivalObserver, LatencyHistogram, OpenLoop } from '@hunt/load/generator';
import { EvenArrivals, type NumberedArrival } from './even-arrivals.ts';
import { OpenConnections } from './open-connections.ts';
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
  /** How long after they were due requests were sent; while connections are free the generator's own part of a latency. */
  readonly sentLateP99Ms: number;
  readonly lostConnections: number;
}

const tickMs = 1;

/** Sends requests when they are due, whatever the server does. */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { port, connections, perSecond, requests, whenBusy } = options;
  const countsFromMs = options.warmUpSeconds * 1_000;
  const endMs = countsFromMs + options.seconds * 1_000;
  const count = new Count(countsFromMs, whenBusy);
  const sentAt = new Float64Array(connections);
  const arrivals = new EvenArrivals(perSecond, endMs);
  let startedAt = 0;
  const now = () => performance.now() - startedAt;
  // Sends nothing before it is pumped: while connections open it only learns which are there.
  const loop = new OpenLoop<NumberedArrival>({
    ...{ arrivals, lanes: connections, timeoutMs: Number.POSITIVE_INFINITY },
    waitingMost: whenBusy === 'queue' ? arrivals.count : 0,
    // The server that is measured needs the time that one by one would take.
    skip: (_first, at) => count.onUnsent(1 + arrivals.skip(at), at),
    ...{ now, observer: count, abandon: () => {} },
    send(lane, { number, dueMs }) {
      const at = now();
      sentAt[lane] = at;
      count.onSent(dueMs, at);
      open.send(lane, requests[number % requests.length]!);
    },
  });
  const open = await OpenConnections.to(port, connections, {
    onOpen: (lane) => loop.free(lane),
    onResponse(lane, status, keepsAlive) {
      const arrival = loop.answered(lane);
      if (arrival === undefined) return;
      const from = whenBusy === 'queue' ? arrival.dueMs : sentAt[lane]!;
      count.onAnswered(status, from, now());
      if (keepsAlive) loop.free(lane);
      loop.pump();
    },
    onLost(lane) {
      count.lostConnections += 1;
      loop.lost(lane);
    },
  });
  startedAt = performance.now();
  for (let secondMs = 0, at = 0; at < endMs; at = now()) {
    loop.pump();
    if (at >= secondMs) {
      options.onSecond?.();
      secondMs += 1_000;
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  // Who has no answer yet waited at least until now.
  loop.expire(0);
  open.close();
  return count.result(options.seconds);
}

/** Counts what was due, and what was answered, after the warm-up. */
class Count implements ArrivalObserver<NumberedArrival> {
  lostConnections = 0;
  readonly #countsFromMs: number;
  readonly #whenBusy: 'queue' | 'drop';
  readonly #latencies = new LatencyHistogram();
  readonly #lateness = new LatencyHistogram();
  readonly #byStatus: Record<number, number> = {};
  #offered = 0;
  #unsent = 0;
  #good = 0;

  constructor(countsFromMs: number, whenBusy: 'queue' | 'drop') {
    this.#countsFromMs = countsFromMs;
    this.#whenBusy = whenBusy;
  }

  onDue(_arrival: NumberedArrival, at: number): void {
    if (at >= this.#countsFromMs) this.#offered += 1;
  }

  onSent(dueMs: number, at: number): void {
    if (dueMs >= this.#countsFromMs) this.#lateness.record(at - dueMs);
  }

  onAnswered(status: number, fromMs: number, at: number): void {
    if (at < this.#countsFromMs) return;
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    if (status >= 300) return;
    this.#good += 1;
    this.#latencies.record(at - fromMs);
  }

  /** They were due, and are never sent. */
  onUnsent(arrivals: number, at: number): void {
    if (at < this.#countsFromMs) return;
    this.#offered += arrivals;
    this.#unsent += arrivals;
  }

  /** Who lost the connection did not wait on: `lostConnections` tells of those. */
  onFailed({ dueMs }: NumberedArrival, failure: string, at: number): void {
    if (failure !== 'timeout' || this.#whenBusy !== 'queue' || at < this.#countsFromMs) return;
    this.#latencies.record(at - dueMs);
  }

  result(seconds: number): OpenLoopResult {
    return {
      offered: this.#offered,
      unsent: this.#unsent,
      goodPerSecond: this.#good / seconds,
      byStatus: this.#byStatus,
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      sentLateP99Ms: this.#lateness.quantile(0.99),
      lostConnections: this.lostConnections,
    };
  }
}

import type { Arrival } from '../arrivals/arrival.ts';

/** Told of what becomes of each arrival. Times are milliseconds since the load began. */
export interface ArrivalObserver {
  /** It was due; `at` is when the generator got to it. */
  onDue(arrival: Arrival, at: number): void;
  /** It ended without an answer. */
  onFailed(arrival: Arrival, failure: 'timeout' | 'not-sent' | 'connection-lost', at: number): void;
}

export interface OpenLoopOptions {
  readonly arrivals: Iterator<Arrival, void, void>;
  /** How many can be on their way at once. */
  readonly lanes: number;
  /** From when it was due: after that nobody waits for the answer any more. */
  readonly timeoutMs: number;
  /** How many may wait for a lane; beyond that they end as `not-sent`. */
  readonly waitingMost: number;
  readonly now: () => number;
  readonly observer: ArrivalObserver;
  /** Sends it on a lane that is free. */
  readonly send: (lane: number, arrival: Arrival) => void;
  /** The answer on this lane is not waited for any more; the lane is not free before `free` says so. */
  readonly abandon: (lane: number) => void;
}

/**
 * Sends each arrival when it is due, whatever became of those before: an open model. When every lane
 * waits for an answer, it waits for one, and its time goes on counting from when it was due, so that a
 * server that stalls is charged for everybody it kept waiting and not only for those who got through
 * (no coordinated omission). Knows no sockets and no timers: who has them calls it.
 */
export class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #onLane: (Arrival | undefined)[];
  readonly #isFree: boolean[];
  /** Lanes that are free, used in turn. */
  readonly #free: number[] = [];
  readonly #waiting: Arrival[] = [];
  #waitingFrom = 0;
  #next: Arrival | undefined;
  #inFlight = 0;

  /** No lane is free until `free` says so. */
  constructor(options: OpenLoopOptions) {
    this.#options = options;
    this.#onLane = new Array(options.lanes);
    this.#isFree = new Array(options.lanes).fill(false);
    this.#next = this.#take();
  }

  /** Sent and not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Due, and waiting for a lane. */
  get waiting(): number {
    return this.#waiting.length - this.#waitingFrom;
  }

  /** When the next arrival is due; undefined when there are no more. */
  get nextDueMs(): number | undefined {
    return this.#next?.dueMs;
  }

  /** Nothing is due any more, and nothing is waited for. */
  get isDone(): boolean {
    return this.#next === undefined && this.#inFlight === 0 && this.waiting === 0;
  }

  /** Sends what is due by now. */
  pump(): void {
    const { now, observer, waitingMost } = this.#options;
    for (let at = now(); this.#next !== undefined && this.#next.dueMs <= at; at = now()) {
      const arrival = this.#next;
      observer.onDue(arrival, at);
      if (this.waiting >= waitingMost) observer.onFailed(arrival, 'not-sent', at);
      else this.#waiting.push(arrival);
      this.#next = this.#take();
      this.#sendWaiting();
    }
  }

  /** A lane can carry a request. */
  free(lane: number): void {
    if (this.#isFree[lane] || this.#onLane[lane] !== undefined) return;
    this.#isFree[lane] = true;
    this.#free.push(lane);
    this.#sendWaiting();
  }

  /** What was on a lane, which is over; undefined when nothing was, as after it was abandoned. */
  answered(lane: number): Arrival | undefined {
    const arrival = this.#onLane[lane];
    if (arrival === undefined) return undefined;
    this.#onLane[lane] = undefined;
    this.#inFlight -= 1;
    return arrival;
  }

  /** A lane broke: what was on it has no answer. It is not free before `free` says so. */
  lost(lane: number): void {
    const arrival = this.answered(lane);
    this.#isFree[lane] = false;
    const { observer, now } = this.#options;
    if (arrival !== undefined) observer.onFailed(arrival, 'connection-lost', now());
  }

  /** Gives up on everything that is older than the time-out. To be called a few times a second. */
  expire(): void {
    const { now, timeoutMs, observer, abandon } = this.#options;
    const at = now();
    for (const [lane, arrival] of this.#onLane.entries()) {
      if (arrival === undefined || arrival.dueMs + timeoutMs > at) continue;
      this.answered(lane);
      observer.onFailed(arrival, 'timeout', at);
      abandon(lane);
    }
    while (this.waiting > 0 && this.#waiting[this.#waitingFrom]!.dueMs + timeoutMs <= at) {
      observer.onFailed(this.#takeWaiting(), 'timeout', at);
    }
  }

  #take(): Arrival | undefined {
    const { done, value } = this.#options.arrivals.next();
    return done === true ? undefined : value;
  }

  #sendWaiting(): void {
    while (this.waiting > 0 && this.#free.length > 0) {
      const lane = this.#free.shift()!;
      // It broke since it became free.
      if (!this.#isFree[lane]) continue;
      this.#isFree[lane] = false;
      const arrival = this.#takeWaiting();
      this.#onLane[lane] = arrival;
      this.#inFlight += 1;
      this.#options.send(lane, arrival);
    }
  }

  #takeWaiting(): Arrival {
    const arrival = this.#waiting[this.#waitingFrom]!;
    this.#waitingFrom += 1;
    if (this.#waitingFrom > 1_024 && this.#waitingFrom * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#waitingFrom);
      this.#waitingFrom = 0;
    }
    return arrival;
  }
}

/** Something that is sent at a moment. */
export interface Due {
  /** Milliseconds since the load began. */
  readonly dueMs: number;
}

/** Told of what becomes of each arrival. Times are milliseconds since the load began. */
export interface ArrivalObserver<Arrival extends Due> {
  /** It was due; `at` is when the generator got to it. */
  onDue(arrival: Arrival, at: number): void;
  /** It ended without an answer. */
  onFailed(arrival: Arrival, failure: 'timeout' | 'not-sent' | 'connection-lost', at: number): void;
}

export interface OpenLoopOptions<Arrival extends Due> {
  readonly arrivals: Iterator<Arrival, void, void>;
  /** How many can be on their way at once. */
  readonly lanes: number;
  /** From when it was due: after that nobody waits for the answer any more. */
  readonly timeoutMs: number;
  /** How many may wait for a lane, 0 and more; beyond that they end as `not-sent`. */
  readonly waitingMost: number;
  /**
   * Where nothing more can be sent or wait, called instead of the observer with the first that is due, which is
   * over: ends also all others of `arrivals` that are due by `at`, at once. Without it each is `not-sent`.
   */
  readonly skip?: (first: Arrival, at: number) => void;
  readonly now: () => number;
  readonly observer: ArrivalObserver<Arrival>;
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
export class OpenLoop<Arrival extends Due> {
  readonly #options: OpenLoopOptions<Arrival>;
  readonly #onLane: (Arrival | undefined)[];
  readonly #isFree: boolean[];
  /** A ring of lanes in the order in which they became free, so that all take their turn. */
  readonly #ring: Uint32Array;
  #ringFrom = 0;
  #ringCount = 0;
  /** Whether it is in the ring, where a lane that broke meanwhile stays until its turn. */
  readonly #isInRing: boolean[];
  readonly #waiting: Arrival[] = [];
  #waitingFrom = 0;
  #next: Arrival | undefined;
  #inFlight = 0;

  /** No lane is free until `free` says so. */
  constructor(options: OpenLoopOptions<Arrival>) {
    const { lanes } = options;
    this.#options = options;
    this.#onLane = new Array(lanes).fill(undefined);
    this.#isFree = new Array(lanes).fill(false);
    this.#isInRing = new Array(lanes).fill(false);
    this.#ring = new Uint32Array(lanes);
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
    const { now, observer, waitingMost, skip } = this.#options;
    let at = now();
    while (this.#next !== undefined && this.#next.dueMs <= at) {
      const arrival = this.#next;
      if (skip !== undefined && this.waiting >= waitingMost && !this.#hasLane()) {
        skip(arrival, at);
        this.#next = this.#take();
        continue;
      }
      observer.onDue(arrival, at);
      this.#next = this.#take();
      this.#waiting.push(arrival);
      // Only sending takes time; those who are not sent may be twenty times as many.
      if (this.#sendWaiting()) at = now();
      else if (this.waiting > waitingMost) {
        this.#waiting.pop();
        observer.onFailed(arrival, 'not-sent', at);
      }
    }
  }

  /** A lane can carry a request. */
  free(lane: number): void {
    if (this.#isFree[lane] || this.#onLane[lane] !== undefined) return;
    this.#isFree[lane] = true;
    if (!this.#isInRing[lane]) {
      this.#isInRing[lane] = true;
      this.#ring[(this.#ringFrom + this.#ringCount) % this.#ring.length] = lane;
      this.#ringCount += 1;
    }
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

  /**
   * Gives up on everything that is older than the time-out, or another age. To be called a few times a
   * second.
   */
  expire(timeoutMs = this.#options.timeoutMs): void {
    const { now, observer, abandon } = this.#options;
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

  /** Whether there was anything to send. */
  #sendWaiting(): boolean {
    let isSent = false;
    while (this.waiting > 0 && this.#hasLane()) {
      const lane = this.#takeLane();
      this.#isFree[lane] = false;
      const arrival = this.#takeWaiting();
      this.#onLane[lane] = arrival;
      this.#inFlight += 1;
      this.#options.send(lane, arrival);
      isSent = true;
    }
    return isSent;
  }

  /** Whether one is free; takes those out of the ring that broke since they became so. */
  #hasLane(): boolean {
    while (this.#ringCount > 0 && !this.#isFree[this.#ring[this.#ringFrom]!]) this.#takeLane();
    return this.#ringCount > 0;
  }

  #takeLane(): number {
    const lane = this.#ring[this.#ringFrom]!;
    this.#ringFrom = (this.#ringFrom + 1) % this.#ring.length;
    this.#ringCount -= 1;
    this.#isInRing[lane] = false;
    return lane;
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

import { performance } from 'node:perf_hooks';
import { type Arrival, type ArrivalPlan, arrivalsOf, planDuration } from '../arrivals/arrival.ts';
import { Crowd, type CrowdOptions } from '../crowd/crowd.ts';
import type { HttpAnswer } from './http-answer.ts';
import { HttpConnection, type Target } from './http-connection.ts';
import { LiveListener } from './live-listeners.ts';
import type { LoadRecord } from './load-record.ts';
import { LoadRecorder } from './load-recorder.ts';
import { OpenLoop } from './open-loop.ts';
import { ThreadLoad } from './thread-load.ts';

/** What a thread is started with. Plain data. */
export interface ThreadOptions {
  readonly thread: number;
  readonly threads: number;
  readonly target: Target;
  readonly crowd: CrowdOptions;
  /** Of this thread. */
  readonly connections: number;
  readonly live: number;
  readonly timeoutMs: number;
}

/** How many connections came to be, and why the others did not. */
export interface Opened {
  readonly connections: number;
  readonly live: number;
  readonly reason: string | undefined;
}

/** At once, so that no backlog of a server overflows. */
const openingMost = 128;
const waitingMost = 100_000;
const expireMs = 100;
const secondMs = 1_000;
/** Timers are no finer. */
const wakeLeastMs = 1;
const wakeMostMs = 10;
const reopenMs = 250;

interface Lane {
  connection: HttpConnection | undefined;
  sentMs: number;
}

/** One thread of the generator: its connections, its players, and the loop that serves them. */
export class GeneratorThread {
  readonly #options: ThreadOptions;
  readonly #crowd: Crowd;
  readonly #lanes: Lane[] = [];
  readonly #open = new Set<number>();
  readonly #live: LiveListener[] = [];
  readonly #liveCounts = { opened: 0, lost: 0, events: 0 };
  #loop: OpenLoop<Arrival> | undefined;
  #recorder: LoadRecorder | undefined;
  /** On the clock of `performance.now`. */
  #startedAt = 0;
  #isClosed = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#crowd = new Crowd(options.crowd);
  }

  async open(): Promise<Opened> {
    const { connections, live } = this.#options;
    const reasons: string[] = [];
    const opened = await inGroups(connections, (index) => this.#openLane(index, reasons));
    const listening = await inGroups(live, (index) => this.#listen(index, reasons));
    this.#liveCounts.opened = listening;
    return { connections: opened, live: listening, reason: reasons[0] };
  }

  /** Sends this thread's part of the plan, from that moment (milliseconds since 1970) on. */
  async run(
    plan: ArrivalPlan,
    startsAt: number,
    onSecond: (record: LoadRecord) => void,
  ): Promise<LoadRecord> {
    const { thread, threads, timeoutMs } = this.#options;
    this.#startedAt = startsAt - performance.timeOrigin;
    const recorder = new LoadRecorder(planDuration(plan), timeoutMs);
    this.#recorder = recorder;
    const loop = new OpenLoop({
      arrivals: arrivalsOf(plan, thread, threads),
      ...{ lanes: this.#lanes.length, timeoutMs, waitingMost },
      observer: {
        onDue: (arrival, at) => recorder.onDue(arrival, at),
        onFailed: (arrival, failure, at) => {
          this.#crowd.unanswered(arrival);
          recorder.onFailed(arrival, failure, at);
        },
      },
      now: () => this.#now(),
      send: (lane, arrival) => this.#send(lane, arrival),
      abandon: (lane) => this.#abandon(lane),
    });
    this.#loop = loop;
    for (const lane of this.#open) loop.free(lane);
    const liveBefore = { ...this.#liveCounts };
    await pause(Math.max(0, -this.#now()));
    const load = new ThreadLoad();
    await this.#drive(loop, recorder.record, load, onSecond);
    const { opened, lost, events } = this.#liveCounts;
    recorder.record.live = {
      ...{ opened, lost: lost - liveBefore.lost, events: events - liveBefore.events },
    };
    recorder.record.threads.push(load.record());
    this.#loop = undefined;
    return recorder.record;
  }

  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#lanes) connection?.destroy();
    for (const listener of this.#live) listener.close();
  }

  /** Milliseconds since the load began. */
  #now(): number {
    return performance.now() - this.#startedAt;
  }

  async #drive(
    loop: OpenLoop<Arrival>,
    record: LoadRecord,
    load: ThreadLoad,
    onSecond: (record: LoadRecord) => void,
  ): Promise<void> {
    let [expireAt, sliceAt, secondAt] = [expireMs, record.sliceMs, secondMs];
    while (!loop.isDone) {
      loop.pump();
      const at = this.#now();
      if (at >= expireAt) {
        loop.expire();
        expireAt = at + expireMs;
      }
      const slice = record.slice(at);
      slice.inFlightMost = Math.max(slice.inFlightMost, loop.inFlight);
      slice.waitingMost = Math.max(slice.waitingMost, loop.waiting);
      if (at >= sliceAt) {
        // Of the slice that has ended.
        record.slice(at - record.sliceMs).busy = load.busySinceLast();
        sliceAt = (Math.floor(at / record.sliceMs) + 1) * record.sliceMs;
      }
      if (at >= secondAt) {
        secondAt = at + secondMs;
        onSecond(record);
      }
      const untilDue = (loop.nextDueMs ?? Number.POSITIVE_INFINITY) - at;
      const wakeMs = Math.round(Math.min(wakeMostMs, Math.max(wakeLeastMs, untilDue)));
      await pause(wakeMs);
      const stallMs = Math.max(0, this.#now() - at - wakeMs);
      // Who comes at random comes the more often in a gap the longer it is.
      record.stalls.record(stallMs, Math.max(1, Math.round(wakeMs + stallMs)));
      slice.stallMs = Math.max(slice.stallMs, stallMs);
    }
  }

  #send(index: number, arrival: Arrival): void {
    const lane = this.#lanes[index]!;
    const text = this.#crowd.request(arrival);
    lane.sentMs = this.#now();
    lane.connection!.send(text);
  }

  #answered(index: number, answer: HttpAnswer): void {
    const at = this.#now();
    const arrival = this.#loop?.answered(index);
    const lane = this.#lanes[index]!;
    if (arrival !== undefined) {
      const ending = this.#crowd.answered(arrival, answer);
      this.#recorder!.onAnswered(arrival, lane.sentMs, at, ending);
    }
    if (answer.keepsAlive) this.#loop?.free(index);
  }

  /** The answer may still come: the connection cannot be used for another request. */
  #abandon(index: number): void {
    const lane = this.#lanes[index]!;
    lane.connection?.destroy();
    lane.connection = undefined;
    this.#open.delete(index);
    void this.#openLane(index, []);
  }

  /** True once it is open, false when it could not be opened; later losses are mended by themselves. */
  #openLane(index: number, reasons: string[]): Promise<boolean> {
    return new Promise((resolve) => {
      const lane = this.#lanes[index] ?? { connection: undefined, sentMs: 0 };
      this.#lanes[index] = lane;
      lane.connection = new HttpConnection(this.#options.target, {
        onOpen: () => {
          this.#open.add(index);
          this.#loop?.free(index);
          resolve(true);
        },
        onAnswer: (answer) => this.#answered(index, answer),
        onClosed: (reason) => {
          lane.connection = undefined;
          if (reasons.length === 0) reasons.push(reason);
          this.#open.delete(index);
          this.#loop?.lost(index);
          resolve(false);
          setTimeout(() => {
            if (!this.#isClosed && lane.connection === undefined) void this.#openLane(index, []);
          }, reopenMs).unref();
        },
      });
    });
  }

  #listen(index: number, reasons: string[]): Promise<boolean> {
    const { target, crowd, thread, threads } = this.#options;
    const token = crowd.tokens[(index * threads + thread) % crowd.tokens.length]!;
    const { authority, hunt } = crowd;
    return new Promise((resolve) => {
      const listener = new LiveListener({
        ...{ target, authority, hunt: hunt.id, token },
        onOpen: (refusal) => {
          if (refusal !== undefined && reasons.length === 0) reasons.push(refusal);
          resolve(refusal === undefined);
        },
        onEvent: () => {
          this.#liveCounts.events += 1;
        },
        onLost: () => {
          this.#liveCounts.lost += 1;
        },
      });
      this.#live.push(listener);
    });
  }
}

/** Does it for each number below `count`, some at once; returns how many came out true. */
async function inGroups(count: number, task: (index: number) => Promise<boolean>): Promise<number> {
  let done = 0;
  for (let from = 0; from < count; from += openingMost) {
    const size = Math.min(openingMost, count - from);
    const group = Array.from({ length: size }, (_, at) => task(from + at));
    done += (await Promise.all(group)).filter(Boolean).length;
  }
  return done;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

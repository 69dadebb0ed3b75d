import type { Clock } from '../clock.ts';
import { CommandRecordBuilder } from '../records/command-record.ts';
import type { TracedTimer } from './fold-effects.ts';
import { platformOrigin } from './origin.ts';
import { envelopeBytes, platformCommand } from './platform-records.ts';
import type { TimerTable } from './timer-table.ts';
import { type FiredTrace, type TimerTracer, TimerTraces } from './timer-traces.ts';

const batchMax = 256;
const retryDelayMs = 100;
/** Longest time waited in one go: a clock that jumped forward is noticed within it. */
const longestWaitMs = 1_000;

interface FiredTimer {
  readonly number: number;
  readonly dueAt: number;
  readonly trace: FiredTrace | undefined;
}

/** How a driver fires. */
export interface TimerDriverOptions {
  /**
   * A timer that is still set so long after its command was sent is sent again; infinite, as it is unless
   * given, where `submit` either throws or does not lose it.
   */
  readonly refireMs?: number;
  /** Nothing that timers do is traced without. */
  readonly tracer?: TimerTracer | undefined;
}

/**
 * Turns timers that are due into commands. The command's id and payload depend on the timer alone, so
 * sending one twice acts once. Keeps a binary heap of what is set, rebuilt from the state at start.
 */
export class TimerDriver {
  readonly #timers: TimerTable;
  readonly #clock: Clock;
  readonly #partition: number;
  readonly #submit: (record: Uint8Array) => void;
  readonly #refireMs: number;
  readonly #tracer: TimerTracer | undefined;
  readonly #traces = new TimerTraces();
  readonly #builder = new CommandRecordBuilder(4096);
  /** Heap entries: due times and timer numbers side by side. */
  readonly #dueAt: number[] = [];
  readonly #numbers: number[] = [];
  #cancel: (() => void) | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(
    timers: TimerTable,
    clock: Clock,
    partition: number,
    submit: (record: Uint8Array) => void,
    { refireMs = Number.POSITIVE_INFINITY, tracer }: TimerDriverOptions = {},
  ) {
    this.#timers = timers;
    this.#clock = clock;
    this.#partition = partition;
    this.#submit = submit;
    this.#refireMs = refireMs;
    this.#tracer = tracer;
  }

  start(): void {
    this.#timers.forEach((number, dueAt) => {
      this.#push(number, dueAt);
    });
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Has what these timers do, once they fire, linked to what set them. */
  trace(timers: readonly TracedTimer[]): void {
    if (this.#tracer) for (const timer of timers) this.#traces.add(timer);
  }

  add(number: number, dueAt: number): void {
    this.#push(number, dueAt);
    if (dueAt < this.#wakeAt) this.#arm();
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const next = this.#dueAt[0];
    if (next === undefined || this.#stopped) return;
    this.#wakeAt = next;
    const delay = Math.min(Math.max(next - this.#clock.now(), 0), longestWaitMs);
    this.#cancel = this.#clock.after(delay, () => this.#fire());
  }

  #fire(): void {
    const now = this.#clock.now();
    const fired: FiredTimer[] = [];
    this.#builder.reset();
    while (fired.length < batchMax && this.#dueAt[0] !== undefined && this.#dueAt[0] <= now) {
      const dueAt = this.#dueAt[0];
      const number = this.#pop();
      const timer = this.#timers.get(number);
      if (timer === undefined) continue;
      this.#write(number, timer.type, timer.payload, Math.max(now, dueAt));
      const trace = this.#traces.size > 0 ? this.#trace(number, timer.type, dueAt) : undefined;
      fired.push({ number, dueAt, trace });
    }
    if (fired.length > 0) this.#send(fired, now);
    else this.#arm();
  }

  #trace(number: number, type: number, dueAt: number): FiredTrace | undefined {
    const setBy = this.#traces.get(number);
    const trace = setBy && this.#tracer?.firing(setBy, type, dueAt);
    if (trace) this.#builder.trace(trace.context);
    return trace;
  }

  #send(fired: readonly FiredTimer[], now: number): void {
    try {
      this.#submit(this.#builder.finish(platformOrigin, 0, now));
      if (this.#traces.size > 0) this.#traced(fired);
      if (this.#refireMs < Number.POSITIVE_INFINITY) this.#fireAgainLater(fired);
    } catch {
      // The log is full for the moment or has stopped: the timers stay set and are tried again.
      for (const { number } of fired) this.#push(number, now + retryDelayMs);
    }
    this.#arm();
  }

  /** One that has to be sent again, since nothing came of it, goes without. */
  #traced(fired: readonly FiredTimer[]): void {
    for (const { number, trace } of fired) {
      this.#traces.forget(number);
      trace?.sent();
    }
  }

  /** By the time that passes, not by the clock: that may have been far ahead when they fired. */
  #fireAgainLater(fired: readonly FiredTimer[]): void {
    this.#clock.after(this.#refireMs, () => {
      if (this.#stopped) return;
      for (const { number, dueAt } of fired) {
        if (this.#timers.has(number)) this.#push(number, dueAt);
      }
      this.#arm();
    });
  }

  #write(number: number, type: number, payload: Uint8Array, at: number): void {
    const start = this.#builder.add(
      platformCommand.timerFired,
      0,
      at,
      envelopeBytes + payload.length,
    );
    const { view, bytes } = this.#builder.buffer;
    const id = CommandRecordBuilder.idStart(start);
    view.setUint32(id, platformCommand.timerFired, true);
    view.setUint32(id + 4, this.#partition, true);
    view.setUint32(id + 8, number, true);
    view.setUint32(start, number, true);
    view.setUint16(start + 4, type, true);
    bytes.set(payload, start + envelopeBytes);
  }

  #push(number: number, dueAt: number): void {
    const dues = this.#dueAt;
    const numbers = this.#numbers;
    let child = dues.length;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (dues[parent]! <= dueAt) break;
      dues[child] = dues[parent]!;
      numbers[child] = numbers[parent]!;
      child = parent;
    }
    dues[child] = dueAt;
    numbers[child] = number;
  }

  #pop(): number {
    const dues = this.#dueAt;
    const numbers = this.#numbers;
    const top = numbers[0]!;
    const dueAt = dues.pop()!;
    const number = numbers.pop()!;
    const size = dues.length;
    if (size === 0) return top;
    let parent = 0;
    for (;;) {
      let child = parent * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && dues[child + 1]! < dues[child]!) child += 1;
      if (dues[child]! >= dueAt) break;
      dues[parent] = dues[child]!;
      numbers[parent] = numbers[child]!;
      parent = child;
    }
    dues[parent] = dueAt;
    numbers[parent] = number;
    return top;
  }
}

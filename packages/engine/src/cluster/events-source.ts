import {
  type Clock,
  CodedError,
  type LogFollower,
  type LogSubscription,
  type SharedPartition,
} from 'veltrix';
import type { SharedArchive } from '../archive/archive.ts';
import { GatedEvents } from './gated-events.ts';

export interface EventsSourceOptions {
  readonly log: SharedPartition;
  readonly archive: Pick<SharedArchive, 'records'>;
  readonly clock: Clock;
}

const retryMs = 1_000;

/**
 * Decision records that count, from any offset: what retention has let go of in the log comes from the
 * archive, the rest from the log. So views that were lost are made anew however short the log is.
 */
export class EventsSource {
  readonly #options: EventsSourceOptions;
  readonly #events: GatedEvents;

  constructor(options: EventsSourceOptions) {
    this.#options = options;
    this.#events = new GatedEvents(options.log);
  }

  /** As `GatedEvents.follow`. While an archive that is needed cannot be read, `interrupted`. */
  follow(from: number, follower: LogFollower): LogSubscription {
    return new EventsReading(this.#options, this.#events, from, follower);
  }
}

class EventsReading implements LogSubscription {
  readonly #options: EventsSourceOptions;
  readonly #follower: LogFollower;
  #subscription: LogSubscription | undefined;
  #paused = false;
  #stopped = false;
  #isInterrupted = false;
  #wake: (() => void) | undefined;

  constructor(
    options: EventsSourceOptions,
    events: GatedEvents,
    from: number,
    follower: LogFollower,
  ) {
    this.#options = options;
    this.#follower = follower;
    void this.#read(events, from);
  }

  async #read(events: GatedEvents, from: number): Promise<void> {
    const { log, archive } = this.#options;
    let next = from;
    let gated = events;
    while (!this.#stopped) {
      const start = await this.#answered(() => this.#start());
      if (this.#stopped || start === undefined) return;
      const archived = gated.reaches(next, start) ? next : await this.#readArchive(archive, next);
      if (this.#stopped || archived === undefined) return;
      if (archived === next) {
        this.#subscription = gated.follow(next, this.#follower);
        if (this.#paused) this.#subscription.pause();
        return;
      }
      next = archived;
      // What the archive ends with has counted: a gate learns all from it.
      gated = new GatedEvents(log);
    }
  }

  #start(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#options.log.bounds('events', (error, { start }) => {
        if (error) reject(error);
        else resolve(start);
      });
    });
  }

  /** Shows what one answer of the archive brings; undefined when stopped. */
  async #readArchive(
    archive: EventsSourceOptions['archive'],
    from: number,
  ): Promise<number | undefined> {
    const records: [number, Uint8Array][] = [];
    const next = await this.#answered(() => {
      records.length = 0;
      const { partition } = this.#options.log;
      return archive.records(partition, from, (...record) => records.push(record));
    });
    for (const [offset, bytes] of records) {
      while (this.#paused && !this.#stopped) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#stopped) return undefined;
      this.#follower.record(offset, bytes);
    }
    return next;
  }

  /** Asks until there is an answer; undefined when stopped, or when waiting does not help. */
  async #answered<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    while (!this.#stopped) {
      try {
        const answer = await ask();
        if (this.#isInterrupted && !this.#stopped) this.#follower.interrupted?.(undefined);
        this.#isInterrupted = false;
        return answer;
      } catch (error) {
        if (this.#stopped) return undefined;
        if (!(error instanceof CodedError) || error.retry === 'never') {
          this.#stopped = true;
          this.#follower.ended(error as Error);
          return undefined;
        }
        this.#isInterrupted = true;
        this.#follower.interrupted?.(error);
      }
      await new Promise<void>((resolve) => this.#options.clock.after(retryMs, resolve));
    }
    return undefined;
  }

  /** Of the log; 0 while what comes from the archive is read. */
  get end(): number {
    return this.#subscription?.end ?? 0;
  }

  pause(): void {
    this.#paused = true;
    this.#subscription?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#subscription?.resume();
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#subscription?.stop();
    this.#wake?.();
  }
}

import type { Clock } from 'veltrix';
import type { DirectoryHunt } from '../hunt-directory.ts';
import type { StandingsReader } from '../standings-reader.ts';
import { LiveMessage } from './live-message.ts';
import type { LiveSubscriber } from './live-subscriber.ts';

export interface StandingsChannelOptions {
  readonly clock: Clock;
  readonly standings: StandingsReader;
  /** As it is now: it may have been published again. */
  readonly hunt: () => DirectoryHunt;
  readonly intervalMs: () => number;
  /** Gives it to the connection; false when that has too much to read already. */
  readonly send: (subscriber: LiveSubscriber, message: LiveMessage) => boolean;
  /** Standings could not be read. */
  readonly onError: (error: unknown) => void;
}

const topRows = 10;
/** First look after a decision; remote views have it some milliseconds later. */
const soonMs = 5;
/** Subscribers that are told in one turn, some milliseconds: commands do not wait until a crowd is told. */
const toldPerTurn = 128;

/**
 * The standings of one hunt for everybody who watches them: read once for each change, at most every
 * `intervalMs`, however many watch. Whoever reads too slowly for all of them is told the newest later.
 */
export class StandingsChannel {
  readonly subscribers = new Set<LiveSubscriber>();
  readonly #options: StandingsChannelOptions;
  #version: number;
  #isStale: boolean;
  #pushedAt = Number.NEGATIVE_INFINITY;
  #message: LiveMessage | undefined;
  /** Reads that were begun, and the number of the one that `#message` is of. */
  #reads = 0;
  #messageRead = 0;
  #cancelLook: (() => void) | undefined;
  #isTelling = false;
  /** Who has not been told the newest, and for how many beats. */
  readonly #behind = new Map<LiveSubscriber, number>();

  constructor(options: StandingsChannelOptions) {
    this.#options = options;
    const { standings, hunt } = options;
    this.#version = standings.version(hunt());
    this.#isStale = standings.staleSince() !== undefined;
  }

  /** Tells one of the standings as they are. */
  async welcome(subscriber: LiveSubscriber): Promise<void> {
    const message = await this.#read();
    if (message !== undefined && this.subscribers.has(subscriber)) this.#tell(subscriber);
  }

  /** `{version, top}` as it is pushed. */
  async json(): Promise<string | undefined> {
    return (await this.#read())?.membersJson;
  }

  leave(subscriber: LiveSubscriber): void {
    this.subscribers.delete(subscriber);
    this.#behind.delete(subscriber);
    if (this.subscribers.size > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  /** Tells everybody when something changed; to be called every `intervalMs`. */
  look(): void {
    for (const subscriber of this.#behind.keys()) this.#tell(subscriber);
    if (!this.#isNews()) return;
    const restMs = this.#restMs();
    if (restMs <= 0) this.#push();
    else if (this.#cancelLook === undefined) this.#lookAfter(restMs, soonMs);
  }

  /** Something was decided that the standings may show soon: looks a few times, less and less often. */
  hint(): void {
    if (this.#cancelLook !== undefined) return;
    // Remote views ask what is new meanwhile.
    this.#isNews();
    this.#lookAfter(Math.max(soonMs, this.#restMs()), soonMs);
  }

  /** Until the next push may be. */
  #restMs(): number {
    const { clock } = this.#options;
    const intervalMs = this.#options.intervalMs();
    return Math.min(intervalMs, this.#pushedAt + intervalMs - clock.now());
  }

  #lookAfter(delayMs: number, againMs: number): void {
    const { clock, intervalMs } = this.#options;
    this.#cancelLook = clock.after(delayMs, () => {
      this.#cancelLook = undefined;
      if (this.#isNews()) this.#push();
      else if (againMs < intervalMs()) this.#lookAfter(againMs, 2 * againMs);
    });
  }

  /** Counts the beats for which connections were behind; those that were for all of one are given to `drop`. */
  beat(drop: (subscriber: LiveSubscriber) => void): void {
    for (const [subscriber, beats] of this.#behind) {
      if (beats > 0) drop(subscriber);
      else this.#behind.set(subscriber, beats + 1);
    }
  }

  /** Also that standings are out of date, or no longer, is news. */
  #isNews(): boolean {
    const { standings, hunt } = this.#options;
    const isStale = standings.staleSince() !== undefined;
    return standings.version(hunt()) !== this.#version || isStale !== this.#isStale;
  }

  #push(): void {
    const { clock, standings, hunt } = this.#options;
    this.#version = standings.version(hunt());
    this.#isStale = standings.staleSince() !== undefined;
    this.#pushedAt = clock.now();
    void this.#read().then((message) => {
      if (message !== undefined) this.#tellAll();
    });
  }

  /** The newest; undefined when it could not be read. */
  async #read(): Promise<LiveMessage | undefined> {
    const { standings, hunt, onError } = this.#options;
    this.#reads += 1;
    const read = this.#reads;
    try {
      const json = await standings.top(hunt(), topRows);
      // One that was begun later may have been quicker.
      if (read < this.#messageRead) return this.#message;
      this.#messageRead = read;
      if (json !== this.#message?.membersJson) this.#message = new LiveMessage('standings', json);
      return this.#message;
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  #tellAll(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#tellSome(this.subscribers.values(), this.#message);
  }

  /** Who joins or leaves meanwhile is in `rest`, or no longer. */
  #tellSome(rest: Iterator<LiveSubscriber>, first: LiveMessage | undefined): void {
    for (let left = toldPerTurn; left > 0; left--) {
      const { value: subscriber, done } = rest.next();
      if (done) {
        this.#isTelling = false;
        // Some were told what is no longer the newest.
        if (this.#message !== first) this.#tellAll();
        return;
      }
      this.#tell(subscriber);
    }
    this.#options.clock.defer(() => this.#tellSome(rest, first));
  }

  #tell(subscriber: LiveSubscriber): void {
    const message = this.#message!;
    if (subscriber.standings === message) return;
    if (this.#options.send(subscriber, message)) {
      subscriber.standings = message;
      this.#behind.delete(subscriber);
    } else if (this.subscribers.has(subscriber) && !this.#behind.has(subscriber)) {
      this.#behind.set(subscriber, 0);
    }
  }
}

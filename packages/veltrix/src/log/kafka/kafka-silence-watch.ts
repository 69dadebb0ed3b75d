import type { KafkaConnection } from './kafka-connection.ts';

/** A fetch is held for `kafka.fetchWaitMs`, an append is answered in milliseconds: this is longer than both. */
const silentAfterMs = 250;
const lookEveryMs = 100;
/** Where looking brings nothing: brokers that are slow because they have too much to do are not asked ten times a second. */
const lookEveryMostMs = 1_000;
/** Most brokers that are gone are missed by the others within it. */
const doubledEveryMs = 1_000;
const fruitlessMostMs = 4_000;

interface WatchedBrokers {
  /** Connections that are there or being made, with the address of the broker. */
  readonly open: ReadonlyMap<Pick<KafkaConnection, 'awaitedSince' | 'close'>, string>;
  /** Whether there is, or was, more than one broker: one that is alone has no others to ask about it. */
  readonly hasOthers: () => boolean;
  /** Whether the other brokers no longer count the one at this address among them, as of the last look-up. */
  readonly isGone: (address: string) => boolean;
  /** Looks up anew who is there. */
  readonly refresh: () => Promise<unknown>;
}

/**
 * A broker that froze, or whose machine is gone, leaves its connections open: questions would wait for their time-out,
 * long after another broker leads in its place. So while one is silent the others are asked, and once they no longer
 * count it among them its connections are closed: who waits asks again, elsewhere. With every second in which they go
 * on counting it the pause between look-ups doubles.
 */
export class KafkaSilenceWatch {
  readonly #brokers: WatchedBrokers;
  /** For so long somebody was silent and no look-up told that it is gone, less the time in which nobody was. */
  #fruitlessMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(brokers: WatchedBrokers) {
    this.#brokers = brokers;
  }

  /** Repeating it is harmless. */
  start(): void {
    this.#timer ??= setTimeout(() => void this.#look(), this.#pauseMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Whether somebody has waited too long for an answer of the broker at this address, on some connection. */
  isSilent(address: string): boolean {
    return this.#silent().some((connection) => this.#brokers.open.get(connection) === address);
  }

  get #pauseMs(): number {
    const doubled = Math.floor(this.#fruitlessMs / doubledEveryMs);
    return Math.min(lookEveryMs * 2 ** doubled, lookEveryMostMs);
  }

  async #look(): Promise<void> {
    const { open, hasOthers, refresh } = this.#brokers;
    if (hasOthers() && this.#silent().length > 0) {
      // Nobody answers: the questions wait on.
      await refresh().catch(() => {});
      const isFruitful = this.#closeGone();
      this.#fruitlessMs = isFruitful
        ? 0
        : Math.min(this.#fruitlessMs + this.#pauseMs, fruitlessMostMs);
    } else {
      this.#fruitlessMs = Math.max(this.#fruitlessMs - this.#pauseMs, 0);
    }
    this.#timer = undefined;
    if (open.size > 0) this.start();
  }

  /** Returns whether there was one. */
  #closeGone(): boolean {
    const { open, isGone } = this.#brokers;
    const gone = this.#silent().filter((connection) => isGone(open.get(connection) ?? ''));
    for (const connection of gone) {
      connection.close(new Error(`${open.get(connection)} is silent, and gone for other brokers`));
    }
    return gone.length > 0;
  }

  #silent() {
    const until = performance.now() - silentAfterMs;
    return [...this.#brokers.open.keys()].filter(
      ({ awaitedSince }) => awaitedSince !== undefined && awaitedSince < until,
    );
  }
}

import type { KafkaConnection } from './kafka-connection.ts';

/** A fetch is held for `kafka.fetchWaitMs`, an append is answered in milliseconds: this is longer than both. */
const silentAfterMs = 250;
const lookEveryMs = 100;

interface WatchedBrokers {
  /** Connections that are there or being made, with the address of the broker. */
  readonly open: ReadonlyMap<Pick<KafkaConnection, 'awaitedSince' | 'close'>, string>;
  /** Whether the other brokers no longer count the one at this address among them, as of the last look-up. */
  readonly isGone: (address: string) => boolean;
  /** Looks up anew who is there. */
  readonly refresh: () => Promise<unknown>;
}

/**
 * A broker that froze, or whose machine is gone, leaves its connections open: questions would wait for their time-out,
 * long after another broker leads in its place. So while one is silent the others are asked, and once they no longer
 * count it among them its connections are closed: who waits asks again, elsewhere.
 */
export class KafkaSilenceWatch {
  readonly #brokers: WatchedBrokers;
  #timer: NodeJS.Timeout | undefined;

  constructor(brokers: WatchedBrokers) {
    this.#brokers = brokers;
  }

  /** Repeating it is harmless. */
  start(): void {
    this.#timer ??= setTimeout(() => void this.#look(), lookEveryMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Whether somebody has waited too long for an answer of the broker at this address, on some connection. */
  isSilent(address: string): boolean {
    return this.#silent().some((connection) => this.#brokers.open.get(connection) === address);
  }

  async #look(): Promise<void> {
    const { open, isGone, refresh } = this.#brokers;
    if (this.#silent().length > 0) {
      // Nobody answers: the questions wait on.
      await refresh().catch(() => {});
      for (const connection of this.#silent()) {
        const address = open.get(connection) ?? '';
        if (isGone(address))
          connection.close(new Error(`${address} is silent, and gone for other brokers`));
      }
    }
    this.#timer = undefined;
    if (open.size > 0) this.start();
  }

  #silent() {
    const until = performance.now() - silentAfterMs;
    return [...this.#brokers.open.keys()].filter(
      ({ awaitedSince }) => awaitedSince !== undefined && awaitedSince < until,
    );
  }
}

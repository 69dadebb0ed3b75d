import type { LogFollower, LogSubscription } from 'veltrix';
import type { DecisionTracer } from '../tracing/decision-tracer.ts';
import type { Views } from './views.ts';

export interface ViewsFeedOptions {
  readonly views: Views;
  /** Traces what the views take in; nobody does where there is none. */
  readonly tracer?: DecisionTracer | undefined;
  /** Shows the partition's accepted decision records from an offset on. */
  readonly follow: (partition: number, from: number, follower: LogFollower) => LogSubscription;
  /** The partition is followed no more: what ended the log, or what the views could not take in. */
  readonly onEnded: (partition: number, error: Error) => void;
}

/**
 * Gives the records of partitions to views: from where the views are, no faster than they take them,
 * and again from where they ask for it.
 */
export class ViewsFeed {
  readonly #options: ViewsFeedOptions;
  readonly #subscriptions = new Map<number, LogSubscription | undefined>();
  #full = false;

  constructor(options: ViewsFeedOptions) {
    this.#options = options;
    options.views.onRewind((partition, offset) => {
      if (this.#subscriptions.has(partition)) this.#follow(partition, offset);
    });
  }

  /** Resolves once the partition is followed; waits for views that cannot be reached. */
  async start(partition: number): Promise<void> {
    if (this.#subscriptions.has(partition)) return;
    this.#subscriptions.set(partition, undefined);
    const from = await this.#options.views.nextOffset(partition);
    const untouched =
      this.#subscriptions.has(partition) && this.#subscriptions.get(partition) === undefined;
    if (untouched) this.#follow(partition, from);
  }

  stop(partition: number): void {
    this.#subscriptions.get(partition)?.stop();
    this.#subscriptions.delete(partition);
    this.#options.views.release(partition);
  }

  #follow(partition: number, from: number): void {
    this.#subscriptions.get(partition)?.stop();
    const { views, follow } = this.#options;
    const isCurrent = () => this.#subscriptions.get(partition) === subscription;
    let isBehind = true;
    const subscription = follow(partition, from, {
      record: (offset, bytes) => {
        isBehind = true;
        if (isCurrent()) this.#give(partition, offset, bytes);
      },
      caughtUp: () => {
        isBehind = false;
        if (isCurrent()) views.caughtUp(partition, true);
      },
      // Where nothing came since, nothing more is said when the log can be read again.
      interrupted: (error) => {
        if (isCurrent()) views.caughtUp(partition, error === undefined && !isBehind);
      },
      ended: (error) => {
        if (isCurrent()) this.#end(partition, error);
      },
    });
    this.#subscriptions.set(partition, subscription);
    if (this.#full) subscription.pause();
  }

  #give(partition: number, offset: number, bytes: Uint8Array): void {
    try {
      if (!this.#apply(partition, offset, bytes)) this.#pause();
    } catch (error) {
      this.#end(partition, error as Error);
    }
  }

  #apply(partition: number, offset: number, bytes: Uint8Array): boolean {
    const { tracer, views } = this.#options;
    const apply = () => views.apply(partition, offset, bytes);
    return tracer ? tracer.around(partition, bytes, apply) : apply();
  }

  #pause(): void {
    if (this.#full) return;
    this.#full = true;
    for (const subscription of this.#subscriptions.values()) subscription?.pause();
    this.#options.views.room().then(
      () => {
        this.#full = false;
        for (const subscription of this.#subscriptions.values()) subscription?.resume();
      },
      (error) => {
        for (const partition of [...this.#subscriptions.keys()]) this.#end(partition, error);
      },
    );
  }

  #end(partition: number, error: Error): void {
    this.stop(partition);
    this.#options.onEnded(partition, error);
  }
}

import type { Clock, CodedError } from 'veltrix';
import type { RedisClient } from '../../redis/redis-client.ts';
import { AskLaterError } from '../partition-repairs.ts';
import { StandingsStore } from './standings-store.ts';
import { type ShownDirectory, ViewsDirectory, type ViewsIdentity } from './views-directory.ts';

export interface ShownGenerationOptions {
  readonly identity: ViewsIdentity;
  readonly prefix: string;
  /** Where Redis is, for messages. */
  readonly address: string;
  readonly clock: Clock;
  readonly lookEveryMs: number;
  /** Standings that miss something for longer are stale. */
  readonly staleAfterMs: number;
  /** Builds a generation of its own until `promote`. */
  readonly rebuild: boolean;
  /** Whether Redis can be used. */
  readonly usable: () => boolean;
  /** A command failed; returns what to tell. */
  readonly failed: (error: unknown) => CodedError;
  /** For good. */
  readonly stopped: (error: CodedError) => void;
  /** Another generation is gone on with, or the same one has to be looked through anew. */
  readonly changed: () => void;
  /** By partition that is followed here: up to when nothing is missing (ms). */
  readonly freshness: () => ReadonlyMap<number, number>;
}

/**
 * Which generation of the views is read and written, and how far it can be relied on; looks at the
 * directory again and again, and tells it of the partitions that are followed here.
 */
export class ShownGeneration {
  /** Undefined before the first `enter`. */
  store: StandingsStore | undefined;
  readonly #options: ShownGenerationOptions;
  #directory!: ViewsDirectory;
  #built: number | undefined;
  /** When the directory was made that was read last; undefined before the first. */
  #began: number | undefined;
  #refillingSince: number | undefined;
  /** Up to when nothing is missing in any partition, ms since the epoch. */
  #freshAt: number | undefined;
  #cancelLook: (() => void) | undefined;

  constructor(options: ShownGenerationOptions) {
    this.#options = options;
  }

  /** After each connection. Throws `engine-redis-evicts`, `engine-redis-foreign`. */
  async enter(client: RedisClient): Promise<void> {
    const { identity, prefix, address, clock, rebuild } = this.#options;
    this.#directory ??= new ViewsDirectory({
      client,
      prefix,
      identity,
      address,
      now: () => clock.now(),
    });
    await this.#directory.checkServers();
    const current = await this.#enter();
    if (rebuild) this.#built ??= await this.#directory.beginGeneration();
    const generation = this.#built ?? current;
    if (this.store?.generation === generation) return;
    this.store = new StandingsStore(client, prefix, generation);
  }

  /** Since when what is shown may miss something, as of `now` (ms since the epoch). */
  staleSince(now: number): number | undefined {
    if (this.#refillingSince !== undefined) return this.#refillingSince;
    const freshAt = this.#freshAt ?? now;
    return now - freshAt > this.#options.staleAfterMs ? freshAt : undefined;
  }

  lookLater(): void {
    this.stopLooking();
    this.#cancelLook = this.#options.clock.after(this.#options.lookEveryMs, () => {
      void this.look(false);
    });
  }

  stopLooking(): void {
    this.#cancelLook?.();
  }

  /** One that is new, or was lost and begun anew, is gone on with. */
  async look(changedAnyway: boolean): Promise<void> {
    const { store } = this;
    if (store === undefined || !this.#options.usable()) return;
    const began = this.#began;
    try {
      const current = await this.#enter();
      if (store !== this.store || !this.#options.usable()) return;
      const generation = this.#built ?? current;
      const isOther = generation !== store.generation;
      if (isOther) this.store = store.of(generation);
      if (isOther || this.#began !== began || changedAnyway) this.#options.changed();
      this.lookLater();
    } catch (error) {
      const coded = this.#options.failed(error);
      if (coded.retry === 'never') this.#options.stopped(coded);
    }
  }

  /** For everybody: the partition is being given again after a loss, or no longer. */
  refilling(partition: number, refilling: boolean): void {
    const shown = this.#directoryShown();
    if (this.#built !== undefined || shown === undefined) return;
    const now = this.#options.clock.now();
    const since = refilling ? (this.#refillingSince ?? now) : undefined;
    if (refilling) this.#refillingSince = since;
    this.#directory
      .setRefilling(partition, since, shown)
      .then(() => this.look(false))
      .catch((error) => this.#options.failed(error));
  }

  /** Shows what was built to everybody, and deletes what was before. Throws `engine-views-rebuild-superseded`. */
  async promote(): Promise<void> {
    const { clock, lookEveryMs, failed } = this.#options;
    const generation = this.#built;
    if (generation === undefined) throw new RangeError('these views are not being rebuilt');
    try {
      await this.#directory.promote(generation);
      this.#built = undefined;
      // Readers look for it as often as we do.
      await new Promise<void>((resolve) => clock.after(2 * lookEveryMs, resolve));
      await this.#directory.deleteBefore(generation);
    } catch (error) {
      throw failed(error);
    }
  }

  /**
   * Has everybody go on with a new generation, which is made from the log, in place of this one; does nothing where
   * another is shown already. Throws `AskLaterError` while Redis cannot be asked.
   */
  async makeAnew(generation: number): Promise<void> {
    const { clock, lookEveryMs, failed, usable } = this.#options;
    if (!usable()) throw new AskLaterError('Redis cannot be asked');
    if (this.#built !== undefined) return;
    try {
      await this.#directory.replace(generation);
    } catch (error) {
      const cause = failed(error);
      throw new AskLaterError(cause.message, { cause });
    }
    await this.look(false);
    // Others look for it as often as we do.
    clock.after(2 * lookEveryMs, () => {
      if (usable()) this.#directory.deleteBefore(this.store!.generation).catch(failed);
    });
  }

  async #enter(): Promise<number> {
    const { clock, freshness } = this.#options;
    const ages = new Map<number, number>();
    const now = clock.now();
    // What is built beside says nothing of what is shown.
    if (this.#built === undefined) {
      for (const [partition, at] of freshness()) ages.set(partition, Math.max(0, now - at));
    }
    const entered = await this.#directory.enter(ages, this.#directoryShown());
    this.#began = entered.began;
    this.#refillingSince = entered.refillingSince;
    this.#freshAt = clock.now() - entered.ageMs;
    return entered.current;
  }

  #directoryShown(): ShownDirectory | undefined {
    const [current, began] = [this.store?.generation, this.#began];
    return current === undefined || began === undefined ? undefined : { current, began };
  }
}

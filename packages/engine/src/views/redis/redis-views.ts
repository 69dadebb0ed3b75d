import { type Clock, type CodedError, systemClock } from 'veltrix';
import { Bulkhead } from 'veltrix/resilience';
import { engineErrors } from '../../errors.ts';
import { RedisLink } from '../../redis/redis-link.ts';
import { PartitionRepairs } from '../partition-repairs.ts';
import type { HuntCounters, Standing, StandingSeed, Views } from '../views.ts';
import { KnownVersions } from './known-versions.ts';
import { PartitionUpdates } from './partition-updates.ts';
import { RecentAnswers } from './recent-answers.ts';
import type { RedisViewsOptions } from './redis-views-options.ts';
import { ShownGeneration } from './shown-generation.ts';
import { StandingsStore, type Versioned } from './standings-store.ts';
import type { Inconsistency, UpdateHost } from './update-host.ts';
import { UpdateRoom } from './update-room.ts';

const defaultPrefix = 'hunt:';
const defaultUpdatesMaxBytes = 16 << 20;
const defaultRecentMaxRows = 100_000;
const defaultLookEveryMs = 1_000;
const defaultStaleAfterMs = 5_000;
const defaultReadsMax = 256;
const defaultUpdatesInflightMax = 64;
const readsLeast = 8;
const readsFirst = 64;
const readsWaitingMax = 1_024;
/** How long a read waits for its turn, unless it was read before and can be shown as it was. */
const readWaitMs = 1_000;

/**
 * Views in Redis 7, one server or a cluster: any number of processes read them, and whoever follows a
 * partition of the log gives its records. An update changes everything or nothing together with the
 * hunt's offset in the partition, so records may come again from anywhere.
 *
 * While Redis is gone, updates wait (then the log does: see `apply`), and what was read before is shown
 * with `staleSince`. What was never read is refused with `engine-redis-unavailable`.
 *
 * A partition of which Redis has something that does not go with the log is begun again; see `PartitionRepairs`.
 */
export class RedisViews implements Views {
  readonly #options: RedisViewsOptions;
  readonly #clock: Clock;
  readonly #updatesMaxBytes: number;
  readonly #partitions = new Map<number, PartitionUpdates>();
  readonly #rewindListeners: ((partition: number, offset: number) => void)[] = [];
  readonly #ties = new Map<string, 'last-score' | 'penalty'>();
  readonly #recent: RecentAnswers;
  readonly #versions: KnownVersions;
  readonly #waiters = new Set<() => void>();
  readonly #host: UpdateHost;
  readonly #reads: Bulkhead;
  readonly #updates: UpdateRoom;
  readonly #repairs: PartitionRepairs;
  /** What was found last, by partition. */
  readonly #found = new Map<number, Inconsistency>();
  /** When something old was last shown because too many read. */
  #crowdedAt = Number.NEGATIVE_INFINITY;
  #link!: RedisLink;
  readonly #shown: ShownGeneration;
  #downSince: number | undefined;
  #failure: CodedError | undefined;
  #closed = false;

  private constructor(options: RedisViewsOptions, prefix: string) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#updatesMaxBytes = options.updatesMaxBytes ?? defaultUpdatesMaxBytes;
    this.#recent = new RecentAnswers(options.recentMaxRows ?? defaultRecentMaxRows);
    this.#versions = new KnownVersions(
      () => this.#clock.now(),
      (huntId) => this.#usable()?.version(huntId),
    );
    this.#downSince = this.#clock.now();
    const { readsMax = () => defaultReadsMax } = options;
    this.#reads = new Bulkhead({
      clock: this.#clock,
      now: () => performance.now(),
      settings: () => {
        const most = readsMax();
        const [least, first] = [Math.min(readsLeast, most), Math.min(readsFirst, most)];
        return { least, first, most, waitingMax: readsWaitingMax };
      },
    });
    const { updatesInflightMax: most = () => defaultUpdatesInflightMax } = options;
    this.#updates = new UpdateRoom({ clock: this.#clock, most });
    this.#shown = new ShownGeneration({
      identity: options.identity,
      prefix,
      address: options.servers.addresses.join(', '),
      clock: this.#clock,
      lookEveryMs: options.lookEveryMs ?? defaultLookEveryMs,
      staleAfterMs: options.staleAfterMs ?? defaultStaleAfterMs,
      rebuild: options.rebuild ?? false,
      usable: () => this.#usable() !== undefined,
      failed: (error) => this.#link.failed(error),
      stopped: (error) => this.#stop(error),
      changed: () => this.#loadAll(),
      freshness: () => this.#freshness(),
    });
    this.#repairs = new PartitionRepairs({
      clock: this.#clock,
      pausesMs: options.repairPausesMs,
      onRepair: options.onRepair,
      onRepaired: options.onRepaired,
      onGivenUp: (error) => this.#stop(error),
    });
    this.#host = {
      store: () => this.#usable(),
      room: (again) => this.#updates.enter(again),
      defer: (task) => this.#clock.defer(task),
      failed: (error) => this.#link.failed(error),
      astray: () => void this.#shown.look(true),
      inconsistent: (updates, found) => this.#repair(updates, found),
      stopped: (error) => this.#stop(error),
      rewound: (partition, offset) => this.#rewound(partition, offset),
      refilling: (partition, refilling) => {
        this.#shown.refilling(partition, refilling);
        if (!refilling) this.#repairs.whole(partition);
      },
      heardVersion: (huntId, version) => this.#versions.heard(huntId, version),
      progressed: () => this.#wake(),
    };
  }

  /**
   * Resolves also while Redis cannot be reached; views are then stale from the start. Throws
   * `engine-redis-refused`, `engine-redis-evicts`, `engine-redis-foreign` before anything is written;
   * found out later, `onFailure` hears of them.
   */
  static async open(options: RedisViewsOptions): Promise<RedisViews> {
    const prefix = options.keyPrefix ?? defaultPrefix;
    if (!/^[\w.:-]{1,64}$/.test(prefix)) throw new RangeError(`"${prefix}" is no key prefix`);
    const views = new RedisViews(options, prefix);
    views.#link = await RedisLink.open({
      servers: options.servers,
      clock: views.#clock,
      check: async (client) => {
        StandingsStore.defineScripts(client);
        await views.#shown.enter(client);
      },
      onUp: () => {
        // The link is known to the caller only after the first check.
        views.#clock.defer(() => views.#up());
      },
      onDown: (error) => views.#down(error),
      onRefused: (error) => views.#stop(error),
    });
    if (views.#link.up) views.#up();
    else options.onInterrupted?.(views.#link.error);
    return views;
  }

  async nextOffset(partition: number): Promise<number> {
    return this.#partition(partition).nextOffset();
  }

  seed(partition: number, nextOffset: number, teams: Iterable<StandingSeed>): void {
    this.#throwFailure();
    this.#partition(partition).seed(nextOffset, teams);
  }

  setTies(huntId: string, ties: 'last-score' | 'penalty'): void {
    this.#throwFailure();
    this.#ties.set(huntId, ties);
    void this.#sendTies();
  }

  apply(partition: number, offset: number, record: Uint8Array): boolean {
    this.#throwFailure();
    const bytes = this.#bytes();
    const limit = this.#updatesMaxBytes;
    if (bytes >= 2 * limit) throw engineErrors.create('engine-views-behind', { bytes, limit });
    this.#partition(partition).apply(offset, record);
    return bytes < limit;
  }

  room(): Promise<void> {
    return this.#until(() => this.#bytes() <= this.#updatesMaxBytes / 2);
  }

  settled(): Promise<void> {
    return this.#until(
      () =>
        this.#ties.size === 0 &&
        [...this.#partitions.values()].every((partition) => partition.settled),
    );
  }

  onRewind(listener: (partition: number, offset: number) => void): void {
    this.#rewindListeners.push(listener);
  }

  caughtUp(partition: number, all: boolean): void {
    this.#partition(partition).caughtUp(all, this.#clock.now());
  }

  release(partition: number): void {
    this.#partitions.get(partition)?.interrupt();
    this.#partitions.delete(partition);
    this.#repairs.release(partition);
    this.#found.delete(partition);
    this.#wake();
  }

  async standings(huntId: string, from: number, limit: number): Promise<readonly Standing[]> {
    if (!(limit >= 1 && limit <= 1000) || !(from >= 0)) {
      throw new RangeError(`standings from ${from}, limit ${limit}`);
    }
    const key = `${huntId} ${from} ${limit}`;
    return this.#read(key, huntId, (store) => store.page(huntId, from, limit));
  }

  async standing(huntId: string, teamId: string): Promise<Standing | undefined> {
    if (!/^[0-9a-f]{16}$/.test(teamId)) return undefined;
    return this.#read(`${huntId} ${teamId}`, huntId, (store) => store.team(huntId, teamId));
  }

  async counters(huntId: string): Promise<HuntCounters | undefined> {
    return this.#read(huntId, huntId, (store) => store.counters(huntId));
  }

  /** Of updates that wait for Redis, or are on their way there. */
  get waitingBytes(): number {
    return this.#bytes();
  }

  /** How far what is shown is behind what was given of a partition; undefined where it is not given here. */
  lag(partition: number): { readonly records: number; readonly seconds: number } | undefined {
    return this.#partitions.get(partition)?.lag(performance.now());
  }

  version(huntId: string): number {
    return this.#versions.of(huntId);
  }

  staleSince(): number | undefined {
    const now = this.#clock.now();
    const lagging = this.#shown.staleSince(this.#downSince ?? now);
    return (
      lagging ??
      this.#downSince ??
      (now - this.#crowdedAt < readWaitMs ? this.#crowdedAt : undefined)
    );
  }

  /**
   * Ends a rebuild: waits until all that was given is in, shows the new generation to everybody, and
   * deletes those before it. Throws `engine-views-rebuild-superseded`, `engine-redis-unavailable`.
   */
  async promote(): Promise<void> {
    await this.settled();
    await this.#shown.promote();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#shown.stopLooking();
    this.#repairs.close();
    for (const partition of this.#partitions.values()) partition.interrupt();
    await this.#link.close();
    this.#failure ??= this.#link.error;
    this.#wake();
  }

  async #read<Value>(
    key: string,
    huntId: string,
    ask: (store: StandingsStore) => Promise<Versioned<Value>>,
  ): Promise<Value> {
    const recent = this.#recent.find(key);
    const passage = this.#usable() && (await this.#reads.enter(recent ? 0 : readWaitMs));
    // Redis may have gone while this waited for its turn.
    const store = this.#usable();
    let reason = this.#failure ?? this.#link.error;
    if (passage && store) {
      try {
        const { value, version } = await ask(store);
        passage.answered();
        this.#versions.heard(huntId, version);
        this.#recent.keep(key, value);
        return value;
      } catch (error) {
        passage.failed();
        reason = this.#link.failed(error);
      }
    } else if (passage) passage.abandoned();
    else if (store) reason = this.#crowded();
    const known = this.#recent.find(key) ?? recent;
    if (known === undefined) throw reason;
    return known.value as Value;
  }

  #crowded(): CodedError {
    this.#crowdedAt = this.#clock.now();
    const { inflight, limit } = this.#reads;
    return engineErrors.create('engine-dependency-busy', { dependency: 'Redis', inflight, limit });
  }

  /** Reads that may be under way at once, now. */
  get readLimit(): number {
    return this.#reads.limit;
  }

  /** Since it was opened, for want of room. */
  get readsRefused(): number {
    return this.#reads.counts.refused;
  }

  /** Batches of updates, and reads that they need, that may be on their way at once, now. */
  get updateLimit(): number {
    return this.#updates.limit;
  }

  get updatesInflight(): number {
    return this.#updates.inflight;
  }

  /** Of partitions that do not go with the log. */
  get repairs(): Pick<PartitionRepairs, 'found' | 'partitions'> {
    return this.#repairs;
  }

  #usable(): StandingsStore | undefined {
    return this.#link?.up && this.#failure === undefined ? this.#shown.store : undefined;
  }

  #partition(partition: number): PartitionUpdates {
    let updates = this.#partitions.get(partition);
    if (updates === undefined) {
      updates = new PartitionUpdates(partition, this.#host);
      this.#partitions.set(partition, updates);
      const store = this.#usable();
      if (store !== undefined) void updates.load(store);
    }
    return updates;
  }

  #bytes(): number {
    let bytes = 0;
    for (const partition of this.#partitions.values()) bytes += partition.bytes;
    return bytes;
  }

  #up(): void {
    if (this.#downSince === undefined || !this.#link?.up) return;
    this.#downSince = undefined;
    this.#options.onInterrupted?.(undefined);
    this.#loadAll();
    void this.#sendTies();
    this.#shown.lookLater();
  }

  #loadAll(): void {
    const store = this.#usable();
    if (store === undefined) return;
    for (const partition of this.#partitions.values()) void partition.load(store);
  }

  #down(error: CodedError): void {
    this.#downSince ??= this.#clock.now();
    for (const partition of this.#partitions.values()) partition.interrupt();
    if (!this.#closed) this.#options.onInterrupted?.(error);
  }

  #stop(error: CodedError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#downSince ??= this.#clock.now();
    this.#repairs.close();
    this.#options.onFailure?.(error);
    this.#wake();
  }

  async #sendTies(): Promise<void> {
    const store = this.#usable();
    if (store === undefined) return;
    try {
      for (const [huntId, ties] of this.#ties) {
        this.#versions.heard(huntId, await store.setTies(huntId, ties));
        if (this.#ties.get(huntId) === ties) this.#ties.delete(huntId);
      }
      this.#wake();
    } catch (error) {
      this.#link.failed(error);
    }
  }

  #rewound(partition: number, offset: number): void {
    if (this.#rewindListeners.length === 0) {
      this.#stop(engineErrors.create('engine-views-lost', { partition, offset }));
    }
    for (const listener of this.#rewindListeners) listener(partition, offset);
  }

  /** What is known of Redis here may be wrong: so it is read again first. After that all standings are made anew. */
  #repair(updates: PartitionUpdates, found: Inconsistency): void {
    const { partition } = updates;
    const { error, generation, from } = found;
    // Where nobody gives records again there is nothing to begin from.
    if (this.#rewindListeners.length === 0) return this.#stop(error);
    const before = this.#found.get(partition);
    this.#found.set(partition, found);
    // In a generation that was made of the log since: it would not get past it the next time either.
    const isOfLog = before !== undefined && before.generation !== generation && from < before.to;
    if (isOfLog) return this.#repairs.giveUp(partition, error);
    this.#repairs.begin(partition, error, (tried) => async () => {
      if (tried > 0) {
        await this.#options.checkLog?.();
        await this.#shown.makeAnew(generation);
      }
      // Another process may have had the partition meanwhile.
      const isFollowed = this.#partitions.get(partition) === updates;
      if (isFollowed) updates.beginAgain(this.#usable());
    });
  }

  #freshness(): ReadonlyMap<number, number> {
    const now = this.#clock.now();
    const fresh = new Map<number, number>();
    for (const [partition, updates] of this.#partitions) {
      const at = updates.freshAt(now);
      if (at !== undefined) fresh.set(partition, at);
    }
    return fresh;
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.#failure !== undefined) reject(this.#failure);
        else if (condition()) resolve();
        else return;
        this.#waiters.delete(look);
      };
      this.#waiters.add(look);
      look();
    });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

import { CodedError, DecisionRecordReader } from 'veltrix';
import type { Passage } from 'veltrix/resilience';
import { BacklogAge } from 'veltrix/telemetry';
import type { StandingSeed } from '../views.ts';
import { AstrayError, BatchResolver } from './batch-resolver.ts';
import { HuntOffsets } from './hunt-offsets.ts';
import { PartitionFreshness } from './partition-freshness.ts';
import { SeedChunks } from './seed-chunks.ts';
import type { HuntUpdate, SavedProgress, StandingsStore, UpdateAnswer } from './standings-store.ts';
import { rowBytes } from './team-rows.ts';
import { openRecord, UpdateBatch } from './update-batch.ts';
import type { Inconsistency, UpdateHost } from './update-host.ts';
import { type Prepared, UpdateQueue } from './update-queue.ts';

/** Two on their way: Redis has work while the next is made ready. */
const sendsMax = 2;
/**
 * Rows of one script: some 10 ms, in which Redis answers nobody else. A team that changes several times in
 * a batch is one row, so a full queue costs Redis less for each event.
 */
const batchRowsMax = 4_000;
const saveEveryBatches = 64;

/**
 * The way of one partition's records into Redis. Every update says from and up to which offset it goes,
 * and Redis takes it only where it fits exactly: so it may be sent again after any doubt, by any
 * process, and changes nothing the second time. Where it does not fit (Redis lost something, or another
 * process wrote), all that waits is dropped and the records are asked for again.
 */
export class PartitionUpdates {
  /** Offset that the next record must have at least; undefined before anything is known or given. */
  next: number | undefined;
  readonly partition: number;
  readonly #host: UpdateHost;
  readonly #reader = new DecisionRecordReader();
  readonly #loadedWaiters: (() => void)[] = [];
  readonly #offsets: HuntOffsets;
  readonly #resolver: BatchResolver;
  readonly #freshness = new PartitionFreshness();
  /** Of what was given and is not shown. */
  readonly #age = new BacklogAge();
  readonly #queue = new UpdateQueue();
  #batchesUnsaved = 0;
  /** Of what Redis remembers; undefined before it was asked. */
  #lineage: string | undefined;
  #loaded = false;
  /** Nothing is taken in: it waits for `beginAgain`, or for what Redis has. */
  #repair: 'waits' | 'reads' | undefined;
  /** Grows when what is on its way no longer counts. */
  #attempt = 0;
  #sends = 0;
  #isReading = false;
  #justRead: Prepared | undefined;
  #open: UpdateBatch | undefined;
  #deferred = false;
  readonly #seeds: SeedChunks[] = [];
  /** First record that came while a seed was on its way. */
  #missed: number | undefined;
  /** All below was given once and has to arrive before the partition is settled. */
  #owed = 0;
  #settledTo = 0;
  #refilling = false;

  constructor(partition: number, host: UpdateHost) {
    this.partition = partition;
    this.#host = host;
    this.#offsets = new HuntOffsets(partition);
    this.#resolver = new BatchResolver(partition);
  }

  get bytes(): number {
    return this.#queue.bytes + (this.#open?.rows ?? 0) * rowBytes;
  }

  get settled(): boolean {
    const nothingWaits = this.#queue.length === 0 && this.#open === undefined;
    return nothingWaits && this.#seeds.length === 0 && this.#settledTo >= this.#owed;
  }

  /** @param now in ms */
  caughtUp(all: boolean, now: number): void {
    if (all) this.#freshness.caughtUp(this.next ?? 0, now);
    else this.#freshness.behind();
  }

  /** Up to when nothing is missing of what the log had; undefined when it never was so. */
  freshAt(now: number): number | undefined {
    if (!this.#loaded) return undefined;
    return this.#freshness.at(this.settled ? Number.POSITIVE_INFINITY : this.#settledTo, now);
  }

  /**
   * How many of the records that were given are not shown yet, and for how long the oldest has waited; undefined before
   * Redis has said what it has. @param nowMs as of `performance.now`
   */
  lag(nowMs: number): { readonly records: number; readonly seconds: number } | undefined {
    if (this.next === undefined) return undefined;
    const seconds = this.#age.ageMs(this.#settledTo, nowMs) / 1_000;
    return { records: Math.max(0, this.next - this.#settledTo), seconds };
  }

  /** Resolves with `next` once Redis has said what it has. */
  async nextOffset(): Promise<number> {
    if (!this.#loaded) await new Promise<void>((resolve) => this.#loadedWaiters.push(resolve));
    return this.next ?? 1;
  }

  /** Throws `veltrix-record-invalid`, `veltrix-event-unknown`, and takes nothing then. */
  apply(offset: number, record: Uint8Array): void {
    if (offset < (this.next ?? 0)) return;
    if (this.#repair !== undefined) {
      this.#owed = Math.max(this.#owed, offset + 1);
      return;
    }
    openRecord(this.#reader, this.partition, offset, record);
    this.next = offset + 1;
    this.#freshness.behind();
    this.#age.reached(this.next, performance.now());
    this.#owed = Math.max(this.#owed, this.next);
    if (this.#seeds.length > 0) {
      this.#missed ??= offset;
      return;
    }
    this.#open ??= new UpdateBatch(offset, (huntId) => this.#offsets.sentOf(huntId));
    this.#open.add(this.#reader, offset);
    if (this.#open.rows >= batchRowsMax) this.#close();
    this.#pumpLater();
  }

  seed(nextOffset: number, teams: Iterable<StandingSeed>): void {
    if (nextOffset <= (this.next ?? -1)) return;
    this.next = nextOffset;
    this.#owed = Math.max(this.#owed, nextOffset);
    this.#close();
    this.#seeds.push(new SeedChunks(this.partition, nextOffset, teams, this.#offsets.huntIds()));
    this.#pumpLater();
  }

  /** The connection is gone: all that has no answer is sent again after `load`. */
  interrupt(): void {
    this.#attempt += 1;
    this.#sends = 0;
    this.#isReading = false;
    this.#loaded = false;
  }

  /** Reads what Redis has, goes back where that is less than it had, and sends what waits. */
  async load(store: StandingsStore): Promise<void> {
    this.interrupt();
    if (this.#repair === 'waits') return;
    const attempt = this.#attempt;
    try {
      const saved = await store.progress(this.partition);
      const found = await this.#offsets.read(store, saved.hunts);
      if (attempt === this.#attempt) this.#begin(saved, found);
    } catch (error) {
      if (attempt === this.#attempt) this.#host.failed(error);
    }
  }

  /** Has the partition's records given again, from where Redis is; without a store once there is one. */
  beginAgain(store: StandingsStore | undefined): void {
    this.#repair = 'reads';
    if (store !== undefined) void this.load(store);
  }

  #begin(saved: SavedProgress, found: ReadonlyMap<string, number>): void {
    const moved = this.#lineage !== undefined && this.#lineage !== saved.lineage;
    const { from, lost } = this.#whereToBegin(saved, found, moved);
    this.#close();
    const fits = this.#queue.fits(found) && this.#repair === undefined;
    if (moved || lost || !fits) this.#offsets.clear();
    this.#offsets.found(found, saved.hunts);
    this.#resolver.clear();
    this.#lineage = saved.lineage;
    this.#loaded = true;
    this.#repair = undefined;
    for (const resolve of this.#loadedWaiters.splice(0)) resolve();
    if (this.next === undefined) {
      this.next = from;
      this.#settledTo = from;
      if (lost) this.#refill(saved.next ?? 1);
    } else if (moved || lost || !fits) {
      const start = this.#queue.at(0)?.start ?? this.next;
      this.#rewind(moved ? from : Math.min(from, start), moved || lost);
    }
    this.pump();
  }

  /** From where on Redis may miss something of some hunt; it has lost something where that is before what it had. */
  #whereToBegin(
    saved: SavedProgress,
    found: ReadonlyMap<string, number>,
    moved: boolean,
  ): { readonly from: number; readonly lost: boolean } {
    let from = saved.next ?? 1;
    let lost = false;
    for (const [huntId, offset] of found) {
      const known = moved ? 0 : this.#offsets.acknowledgedOf(huntId);
      const least = Math.max(known, saved.hunts.get(huntId) ?? 0);
      if (offset >= least) continue;
      from = Math.min(from, Math.max(1, offset));
      lost = true;
    }
    return { from, lost };
  }

  #refill(until: number): void {
    this.#owed = Math.max(this.#owed, until);
    this.#settledTo = this.next ?? 0;
    const wasRefilling = this.#refilling;
    this.#refilling = this.#settledTo < this.#owed;
    // Also again: what was said before may be lost with the rest.
    if (this.#refilling || wasRefilling) this.#host.refilling(this.partition, this.#refilling);
  }

  #rewind(offset: number, lost: boolean): void {
    const given = this.next ?? 1;
    this.#drop();
    this.next = offset;
    this.#settledTo = offset;
    this.#owed = Math.max(this.#owed, given);
    if (lost) this.#refill(given);
    this.#host.rewound(this.partition, offset);
    this.#host.progressed();
  }

  #halt(found: Inconsistency): void {
    const given = this.next ?? 1;
    this.interrupt();
    this.#drop();
    this.#repair = 'waits';
    this.next = Math.max(1, this.#settledTo);
    this.#refill(given);
    this.#host.inconsistent(this, found);
    this.#host.progressed();
  }

  /** Lets go of all that waits, whether it is on its way or not. */
  #drop(): void {
    this.#attempt += 1;
    this.#sends = 0;
    this.#isReading = false;
    this.#queue.clear();
    this.#open = undefined;
    this.#seeds.length = 0;
    this.#offsets.takeBack();
    this.#resolver.clear();
    this.#freshness.lost();
  }

  #pumpLater(): void {
    if (this.#deferred) return;
    this.#deferred = true;
    this.#host.defer(() => {
      this.#deferred = false;
      this.pump();
    });
  }

  pump(): void {
    const store = this.#host.store();
    if (store === undefined || !this.#loaded) return;
    while (this.#sends < sendsMax && !this.#isReading) {
      if (this.#sends === this.#queue.length && !this.#prepareNext()) break;
      const prepared = this.#queue.at(this.#sends)!;
      const resolved = this.#resolve(prepared, store.generation);
      const passage = resolved === undefined ? undefined : this.#host.room(this.#pumpAgain);
      if (passage === undefined) break;
      if (resolved) {
        this.#sends += 1;
        void this.#send(store, prepared, this.#attempt, passage);
      } else void this.#read(store, prepared, this.#attempt, passage);
    }
  }

  readonly #pumpAgain = () => this.pump();

  /** False: it has to read first, and then pumps. Undefined: nothing more is sent. */
  #resolve(prepared: Prepared, generation: number): boolean | undefined {
    try {
      return this.#queue.resolve(prepared, this.#resolver, prepared === this.#justRead);
    } catch (error) {
      // Any other fault of the program says nothing of Redis.
      if (!(error instanceof CodedError) || error.id !== 'engine-views-inconsistent') {
        this.#host.stopped(error as CodedError);
      } else this.#halt({ error, generation, from: prepared.start, to: prepared.to });
      return undefined;
    }
  }

  async #read(
    store: StandingsStore,
    prepared: Prepared,
    attempt: number,
    passage: Passage,
  ): Promise<void> {
    this.#isReading = true;
    let isWhole: boolean;
    try {
      isWhole = await this.#queue.read(prepared, this.#resolver, store);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      return error instanceof AstrayError ? this.#host.astray() : this.#host.failed(error);
    } finally {
      // It takes another time than an update: nothing is learned of it.
      passage.abandoned();
    }
    if (attempt !== this.#attempt) return;
    this.#isReading = false;
    if (isWhole) this.#justRead = prepared;
    this.pump();
    this.#justRead = undefined;
  }

  #prepareNext(): boolean {
    const seed = this.#seeds[0];
    if (seed === undefined) return this.#close();
    if (seed.isCounting && this.#queue.length > 0) return false;
    const updates = seed.next();
    if (updates !== undefined) {
      this.#queue.addSeed(seed.nextOffset, updates);
      return true;
    }
    // The counters and offsets of a seed come after all of its teams, and nothing before they have.
    if (this.#queue.length > 0) return false;
    this.#seeds.shift();
    this.#resolver.clear();
    this.#settle(seed.nextOffset);
    const missed = this.#missed;
    if (missed !== undefined && this.#seeds.length === 0) {
      this.#missed = undefined;
      this.#rewind(missed, false);
    }
    return this.#seeds.length > 0 && this.#prepareNext();
  }

  /** Closes the open batch, if there is one. */
  #close(): boolean {
    const batch = this.#open;
    if (batch === undefined) return false;
    this.#open = undefined;
    for (const { huntId } of batch.changes()) this.#offsets.sent(huntId, batch.to);
    this.#queue.addBatch(batch);
    return true;
  }

  async #send(
    store: StandingsStore,
    prepared: Prepared,
    attempt: number,
    passage: Passage,
  ): Promise<void> {
    const updates = prepared.updates!;
    const answers = await Promise.allSettled(updates.map((update) => store.apply(update)));
    if (answers.some(({ status }) => status === 'rejected')) passage.failed();
    else passage.answered();
    if (attempt !== this.#attempt) return;
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') return this.#host.failed(answer.reason);
      if (answer.value.outcome === 'moved') return this.#host.astray();
      this.#heard(updates[index]!, answer.value);
    }
    prepared.done = true;
    for (const arrived of this.#queue.takeDone()) this.#arrived(arrived);
    this.pump();
    this.#host.progressed();
  }

  #heard({ huntId, mode }: HuntUpdate, answer: UpdateAnswer): void {
    this.#host.heardVersion(huntId, answer.version);
    if (mode === 's') return;
    // Another process was here: what is known of teams is older than what Redis has.
    if (answer.offset > this.#offsets.sentOf(huntId)) this.#resolver.clear();
    this.#resolver.heard(huntId, answer);
    this.#offsets.acknowledged(huntId, answer.offset);
  }

  #arrived({ to, complete }: Prepared): void {
    this.#sends -= 1;
    if (!complete) return;
    this.#batchesUnsaved += 1;
    this.#settle(to);
  }

  #settle(to: number): void {
    this.#settledTo = to;
    if (this.#refilling && to >= this.#owed) {
      this.#refilling = false;
      this.#host.refilling(this.partition, false);
    }
    if (this.#queue.length === 0 || this.#batchesUnsaved >= saveEveryBatches) this.#save();
    this.#host.progressed();
  }

  #save(): void {
    const store = this.#host.store();
    if (store === undefined || this.#lineage === undefined) return;
    this.#batchesUnsaved = 0;
    const attempt = this.#attempt;
    this.#offsets.save(store, this.#lineage, this.#settledTo).then(
      (isSaved) => {
        if (!isSaved && attempt === this.#attempt) this.#host.astray();
      },
      (error) => this.#host.failed(error),
    );
  }
}

import { type CodedError, DecisionRecordReader } from 'veltrix';
import { engineErrors } from '../../errors.ts';
import type { StandingSeed } from '../views.ts';
import { SeedChunks } from './seed-chunks.ts';
import type { HuntUpdate, StandingsStore, UpdateAnswer } from './standings-store.ts';
import { openRecord, UpdateBatch } from './update-batch.ts';

/** What the updates of a partition need of the views they belong to. */
export interface UpdateHost {
  /** Undefined while nothing can be sent. */
  readonly store: () => StandingsStore | undefined;
  /** Runs `task` after this turn. */
  readonly defer: (task: () => void) => void;
  /** A command failed; the host calls `interrupt`. */
  readonly failed: (error: unknown) => void;
  /** The views are not where they were left; the host looks which generation is shown and calls `load`. */
  readonly astray: () => void;
  /** For good. */
  readonly stopped: (error: CodedError) => void;
  readonly rewound: (partition: number, offset: number) => void;
  readonly refilling: (partition: number, refilling: boolean) => void;
  readonly heardVersion: (huntId: string, version: number) => void;
  /** There is more room, or all is settled. */
  readonly progressed: () => void;
}

/** A batch that is closed and waits for Redis. */
interface Prepared {
  readonly start: number;
  readonly to: number;
  readonly updates: readonly HuntUpdate[];
  readonly bytes: number;
  /** Whether the partition goes on from `to` after it. */
  readonly complete: boolean;
  done: boolean;
}

interface HuntOffsets {
  /** As Redis said. */
  acknowledged: number;
  /** After all that is on its way. */
  sent: number;
}

/** Two on their way: Redis has work while the next is made ready. */
const sendsMax = 2;
/**
 * Rows of one script: some 40 ms, in which Redis answers nobody else. A team that changes several times in
 * a batch is one row, so a full queue costs Redis less for each event.
 */
const batchRowsMax = 8_000;
const saveEveryBatches = 64;
const offsetsAtOnce = 256;
const rowBytes = 36;
const updateBytes = 200;

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
  #offsets = new Map<string, HuntOffsets>();
  #unsaved = new Map<string, number>();
  #batchesUnsaved = 0;
  #generation = 0;
  #loaded = false;
  /** Grows when what is on its way no longer counts. */
  #attempt = 0;
  #sends = 0;
  #queue: Prepared[] = [];
  #queueBytes = 0;
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
  }

  get bytes(): number {
    return this.#queueBytes + (this.#open?.rows ?? 0) * rowBytes;
  }

  get settled(): boolean {
    const nothingWaits = this.#queue.length === 0 && this.#open === undefined;
    return nothingWaits && this.#seeds.length === 0 && this.#settledTo >= this.#owed;
  }

  /** Resolves with `next` once Redis has said what it has. */
  async nextOffset(): Promise<number> {
    if (!this.#loaded) await new Promise<void>((resolve) => this.#loadedWaiters.push(resolve));
    return this.next ?? 1;
  }

  /** Throws `veltrix-record-invalid`, `veltrix-event-unknown`, and takes nothing then. */
  apply(offset: number, record: Uint8Array): void {
    if (offset < (this.next ?? 0)) return;
    openRecord(this.#reader, this.partition, offset, record);
    this.next = offset + 1;
    this.#owed = Math.max(this.#owed, this.next);
    if (this.#seeds.length > 0) {
      this.#missed ??= offset;
      return;
    }
    this.#open ??= new UpdateBatch(this.partition, offset, (huntId) => this.#sentOf(huntId));
    this.#open.add(this.#reader, offset);
    if (this.#open.rows >= batchRowsMax) this.#close();
    this.#pumpLater();
  }

  seed(nextOffset: number, teams: Iterable<StandingSeed>): void {
    if (nextOffset <= (this.next ?? -1)) return;
    this.next = nextOffset;
    this.#owed = Math.max(this.#owed, nextOffset);
    this.#close();
    this.#seeds.push(new SeedChunks(this.partition, nextOffset, teams, this.#offsets.keys()));
    this.#pumpLater();
  }

  /** The connection is gone: all that has no answer is sent again after `load`. */
  interrupt(): void {
    this.#attempt += 1;
    this.#sends = 0;
    this.#loaded = false;
  }

  /** Reads what Redis has, goes back where that is less than it had, and sends what waits. */
  async load(store: StandingsStore): Promise<void> {
    this.interrupt();
    const attempt = this.#attempt;
    try {
      const saved = await store.progress(this.partition);
      const found = await this.#findOffsets(store, saved);
      if (attempt === this.#attempt) this.#begin(store.generation, saved, found);
    } catch (error) {
      if (attempt === this.#attempt) this.#host.failed(error);
    }
  }

  async #findOffsets(store: StandingsStore, saved: ReadonlyMap<string, number>) {
    const huntIds = new Set([...saved.keys(), ...this.#offsets.keys()]);
    huntIds.delete('next');
    const found = new Map<string, number>();
    const all = [...huntIds];
    for (let at = 0; at < all.length; at += offsetsAtOnce) {
      const some = all.slice(at, at + offsetsAtOnce);
      const offsets = await Promise.all(some.map((id) => store.offset(id, this.partition)));
      for (const [index, id] of some.entries()) found.set(id, offsets[index]!);
    }
    return found;
  }

  #begin(
    generation: number,
    saved: ReadonlyMap<string, number>,
    found: ReadonlyMap<string, number>,
  ): void {
    const moved = this.#generation !== 0 && this.#generation !== generation;
    const expected = moved ? new Map<string, HuntOffsets>() : this.#offsets;
    let from = saved.get('next') ?? 1;
    let lost = false;
    for (const [huntId, offset] of found) {
      const least = Math.max(expected.get(huntId)?.acknowledged ?? 0, saved.get(huntId) ?? 0);
      if (offset >= least) continue;
      from = Math.min(from, Math.max(1, offset));
      lost = true;
    }
    this.#close();
    const fits = this.#fits(found);
    if (moved || lost || !fits) this.#offsets = new Map();
    for (const [huntId, offset] of found) {
      const known = this.#offsets.get(huntId);
      if (known !== undefined) known.acknowledged = Math.max(known.acknowledged, offset);
      else if (offset > 0) this.#offsets.set(huntId, { acknowledged: offset, sent: offset });
    }
    this.#generation = generation;
    this.#loaded = true;
    for (const resolve of this.#loadedWaiters.splice(0)) resolve();
    if (this.next === undefined) {
      this.next = from;
      if (lost) this.#refill(saved.get('next') ?? 1);
    } else if (moved || lost || !fits) {
      const start = this.#queue[0]?.start ?? this.next;
      this.#rewind(moved ? from : Math.min(from, start), moved || lost);
    }
    this.pump();
  }

  /** Whether what waits goes on from what Redis has, or ends there. */
  #fits(found: ReadonlyMap<string, number>): boolean {
    return this.#queue.every(({ updates }) =>
      updates.every(({ huntId, from, to, mode }) => {
        const offset = found.get(huntId) ?? 0;
        return mode !== '' || offset <= from || offset >= to;
      }),
    );
  }

  #refill(until: number): void {
    this.#owed = Math.max(this.#owed, until);
    this.#settledTo = this.next ?? 0;
    if (this.#refilling || this.#settledTo >= this.#owed) return;
    this.#refilling = true;
    this.#host.refilling(this.partition, true);
  }

  #rewind(offset: number, lost: boolean): void {
    const given = this.next ?? 1;
    this.#queue = [];
    this.#queueBytes = 0;
    this.#open = undefined;
    this.#seeds.length = 0;
    this.#sends = 0;
    for (const hunt of this.#offsets.values()) hunt.sent = hunt.acknowledged;
    this.next = offset;
    this.#settledTo = offset;
    this.#owed = Math.max(this.#owed, given);
    if (lost) this.#refill(given);
    this.#host.rewound(this.partition, offset);
    this.#host.progressed();
  }

  #sentOf(huntId: string): number {
    return this.#offsets.get(huntId)?.sent ?? 0;
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
    while (this.#sends < sendsMax) {
      if (this.#sends === this.#queue.length && !this.#prepareNext()) break;
      const prepared = this.#queue[this.#sends]!;
      this.#sends += 1;
      void this.#send(store, prepared, this.#attempt);
    }
  }

  #prepareNext(): boolean {
    const seed = this.#seeds[0];
    if (seed === undefined) return this.#close();
    const updates = seed.next();
    if (updates !== undefined) {
      this.#enqueue(seed.nextOffset, seed.nextOffset, updates, false);
      return true;
    }
    // The counters and offsets of a seed come after all of its teams, and nothing before they have.
    if (this.#queue.length > 0) return false;
    this.#seeds.shift();
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
    const updates = batch.updates();
    for (const { huntId } of updates) {
      const hunt = this.#offsets.get(huntId);
      if (hunt === undefined) this.#offsets.set(huntId, { acknowledged: 0, sent: batch.to });
      else hunt.sent = batch.to;
    }
    this.#enqueue(batch.start, batch.to, updates, true);
    return true;
  }

  #enqueue(start: number, to: number, updates: readonly HuntUpdate[], complete: boolean): void {
    const bytes = updates.reduce((sum, { teams }) => sum + teams.length + updateBytes, 0);
    this.#queue.push({ start, to, updates, bytes, complete, done: false });
    this.#queueBytes += bytes;
  }

  async #send(store: StandingsStore, prepared: Prepared, attempt: number): Promise<void> {
    const answers = await Promise.allSettled(prepared.updates.map((update) => store.apply(update)));
    if (attempt !== this.#attempt) return;
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') return this.#host.failed(answer.reason);
      const problem = this.#heard(prepared.updates[index]!, answer.value);
      if (problem === 'astray') return this.#host.astray();
      if (problem !== undefined) return this.#host.stopped(problem);
    }
    prepared.done = true;
    while (this.#queue[0]?.done) this.#arrived(this.#queue.shift()!);
    this.pump();
    this.#host.progressed();
  }

  #heard(update: HuntUpdate, answer: UpdateAnswer): CodedError | 'astray' | undefined {
    const { huntId, to: offset } = update;
    const { partition } = this;
    if (answer.outcome === 'moved') return 'astray';
    if (answer.outcome === 'unregistered') {
      return engineErrors.create('engine-views-inconsistent', { partition, offset });
    }
    this.#host.heardVersion(huntId, answer.version);
    if (update.mode === 's') return undefined;
    const known = this.#offsets.get(huntId);
    const acknowledged = Math.max(known?.acknowledged ?? 0, answer.offset);
    this.#offsets.set(huntId, { acknowledged, sent: Math.max(known?.sent ?? 0, acknowledged) });
    this.#unsaved.set(huntId, acknowledged);
    return undefined;
  }

  #arrived({ bytes, to, complete }: Prepared): void {
    this.#queueBytes -= bytes;
    this.#sends -= 1;
    if (!complete) return;
    this.#batchesUnsaved += 1;
    this.#settle(to);
  }

  #settle(to: number): void {
    this.#settledTo = to;
    this.#unsaved.set('next', to);
    if (this.#refilling && to >= this.#owed) {
      this.#refilling = false;
      this.#host.refilling(this.partition, false);
    }
    if (this.#queue.length === 0 || this.#batchesUnsaved >= saveEveryBatches) this.#save();
    this.#host.progressed();
  }

  #save(): void {
    const store = this.#host.store();
    if (store === undefined) return;
    const offsets = this.#unsaved;
    this.#unsaved = new Map();
    this.#batchesUnsaved = 0;
    store.saveProgress(this.partition, offsets).catch((error) => this.#host.failed(error));
  }
}

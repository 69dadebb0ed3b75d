import type { PartitionReport } from './coordinator.ts';

/** Words before those of the partitions. */
const header = { tickedAt: 0, delayMs: 1, isDraining: 2, words: 4 } as const;
/** Words of a partition. */
const slot = {
  part: 0,
  epoch: 1,
  progress: 2,
  waiting: 3,
  oldestAt: 4,
  lag: 5,
  busyMicroseconds: 6,
  words: 8,
} as const;
const parts = [undefined, 'standby', 'owner'] as const;
const wordMax = 0xffff_ffff;

/** Milliseconds of a clock that all threads of the process share; wraps after 49 days, so only differences count. */
export function sharedNow(): number {
  return Number((process.hrtime.bigint() / 1_000_000n) & 0xffff_ffffn);
}

/** Difference of two words that may have wrapped in between. */
function since(later: number, earlier: number): number {
  return (later - earlier) >>> 0;
}

/**
 * What the thread that folds says of itself, in memory that another thread reads without asking: so it is heard
 * of also when it hangs. Words of 32 bits, each read and written whole; a reader may see some of them newer than others.
 */
export class HealthBoard {
  readonly buffer: SharedArrayBuffer;
  readonly partitionCount: number;
  readonly #words: Uint32Array;

  /** A new board for the writer, or in another thread the same one by its buffer. */
  constructor(source: number | SharedArrayBuffer) {
    const bytes = (count: number) => (header.words + count * slot.words) * 4;
    this.buffer = typeof source === 'number' ? new SharedArrayBuffer(bytes(source)) : source;
    this.#words = new Uint32Array(this.buffer);
    this.partitionCount = (this.#words.length - header.words) / slot.words;
    if (typeof source === 'number') this.tick(0);
  }

  /** The loop of the writing thread turns; its delay since the last time. */
  tick(delayMs: number): void {
    this.#store(header.delayMs, delayMs);
    this.#store(header.tickedAt, sharedNow());
  }

  setDraining(isDraining: boolean): void {
    this.#store(header.isDraining, isDraining ? 1 : 0);
  }

  /** This node has the partition from now on, in a part; undefined: it no longer has. */
  setPart(partition: number, part: PartitionReport['part'] | undefined, epoch: number): void {
    const at = this.#at(partition);
    const isNew = Atomics.load(this.#words, at + slot.part) === 0;
    if (part === undefined || isNew) {
      for (let word = 0; word < slot.words; word++) this.#store(at + word, 0);
    }
    this.#store(at + slot.epoch, epoch);
    this.#store(at + slot.part, parts.indexOf(part));
  }

  /** Something was folded, which took so long. */
  folded(partition: number, microseconds: number): void {
    const at = this.#at(partition);
    Atomics.add(this.#words, at + slot.progress, 1);
    Atomics.add(this.#words, at + slot.busyMicroseconds, Math.round(microseconds));
  }

  /** How many records wait, and for how long the oldest of them has. */
  setWaiting(partition: number, count: number, oldestAgeMs: number): void {
    const at = this.#at(partition);
    this.#store(at + slot.oldestAt, since(sharedNow(), Math.round(oldestAgeMs)));
    this.#store(at + slot.waiting, count);
  }

  setLag(partition: number, events: number): void {
    this.#store(this.#at(partition) + slot.lag, events);
  }

  get isDraining(): boolean {
    return Atomics.load(this.#words, header.isDraining) === 1;
  }

  /** The last delay it measured, or how long it has not turned by now when that is more than it should take. */
  delayMs(tickMs: number): number {
    const blockedMs = since(sharedNow(), Atomics.load(this.#words, header.tickedAt)) - tickMs;
    return Math.max(Atomics.load(this.#words, header.delayMs), blockedMs);
  }

  /** Undefined where this node has no part. `busyMicroseconds` only ever grows, and wraps. */
  read(
    partition: number,
  ): (Omit<PartitionReport, 'cost'> & { readonly busyMicroseconds: number }) | undefined {
    const at = this.#at(partition);
    const load = (word: number) => Atomics.load(this.#words, at + word);
    const part = parts[load(slot.part)];
    if (part === undefined) return undefined;
    const waiting = load(slot.waiting);
    return {
      partition,
      part,
      epoch: load(slot.epoch),
      progress: load(slot.progress),
      waiting,
      queueAgeMs: waiting === 0 ? 0 : since(sharedNow(), load(slot.oldestAt)),
      lag: load(slot.lag),
      busyMicroseconds: load(slot.busyMicroseconds),
    };
  }

  #at(partition: number): number {
    return header.words + partition * slot.words;
  }

  #store(word: number, value: number): void {
    Atomics.store(this.#words, word, Math.min(Math.max(0, Math.round(value)), wordMax));
  }
}

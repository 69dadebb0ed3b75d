import { finalMix } from '../records/content-hash.ts';
import type { ReadonlyTable } from './table.ts';

const subTables = 64;
const firstSlots = 64;
/** Of a part that holds nothing yet: one free slot, shared and never written. */
const noSlots = new Int32Array(2);

/**
 * Finds rows by the id in their first two words. Derived from its table, so it is in no checkpoint and in
 * no state hash; `rebuild` makes it anew. Open addressing with linear probing, after Knuth, TAOCP 3,
 * 6.4, in 64 parts that grow one at a time, so that growth never holds the fold up for long.
 * A slot holds a tag (the hash) and row + 1.
 */
export class RowIndex {
  readonly #table: ReadonlyTable;
  readonly #parts: Int32Array[] = [];
  readonly #used: number[] = [];

  constructor(table: ReadonlyTable) {
    this.#table = table;
    this.#clear();
  }

  #clear(): void {
    for (let part = 0; part < subTables; part++) {
      this.#parts[part] = noSlots;
      this.#used[part] = 0;
    }
  }

  /** The row with this id, or -1. */
  find(low: number, high: number): number {
    const hash = hashWords(low, high);
    const slots = this.#parts[hash >>> 26]!;
    const mask = slots.length / 2 - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot * 2 + 1]! - 1;
      if (row < 0) return -1;
      if (slots[slot * 2] === (hash | 0) && this.#matches(row, low, high)) return row;
    }
  }

  #matches(row: number, low: number, high: number): boolean {
    const { words } = this.#table.page(row);
    const at = this.#table.at(row);
    return words[at] === low && words[at + 1] === high;
  }

  /** Adds a row whose id words are already in the table. */
  insert(row: number): void {
    const hash = this.#hashOf(row);
    const part = hash >>> 26;
    if ((this.#used[part]! + 1) * 10 > (this.#parts[part]!.length / 2) * 7) this.#grow(part);
    place(this.#parts[part]!, hash, row);
    this.#used[part]! += 1;
  }

  /** Takes a row out; its id words must still be in the table. */
  remove(row: number): void {
    const hash = this.#hashOf(row);
    const part = hash >>> 26;
    const slots = this.#parts[part]!;
    const mask = slots.length / 2 - 1;
    let slot = hash & mask;
    while (slots[slot * 2 + 1] !== row + 1) {
      if (slots[slot * 2 + 1] === 0) return;
      slot = (slot + 1) & mask;
    }
    this.#used[part]! -= 1;
    closeGap(slots, mask, slot);
  }

  /** @param holdsId which rows have an id; all, when not given. */
  rebuild(holdsId: (row: number) => boolean = () => true): void {
    this.#clear();
    for (let row = 0; row < this.#table.rows; row++) if (holdsId(row)) this.insert(row);
  }

  #grow(part: number): void {
    const old = this.#parts[part]!;
    const grown = new Int32Array(Math.max(old.length * 2, firstSlots * 2));
    for (let slot = 0; slot < old.length; slot += 2) {
      const row = old[slot + 1]! - 1;
      if (row >= 0) place(grown, old[slot]! >>> 0, row);
    }
    this.#parts[part] = grown;
  }

  #hashOf(row: number): number {
    const { words } = this.#table.page(row);
    const at = this.#table.at(row);
    return hashWords(words[at]!, words[at + 1]!);
  }
}

function place(slots: Int32Array, hash: number, row: number): void {
  const mask = slots.length / 2 - 1;
  let slot = hash & mask;
  while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
  slots[slot * 2] = hash;
  slots[slot * 2 + 1] = row + 1;
}

/** Backward-shift deletion: moves later entries of the run up, so that no tombstones are needed. */
function closeGap(slots: Int32Array, mask: number, gap: number): void {
  let hole = gap;
  for (let slot = (hole + 1) & mask; slots[slot * 2 + 1] !== 0; slot = (slot + 1) & mask) {
    const home = slots[slot * 2]! & mask;
    if (((slot - home) & mask) >= ((slot - hole) & mask)) {
      slots[hole * 2] = slots[slot * 2]!;
      slots[hole * 2 + 1] = slots[slot * 2 + 1]!;
      hole = slot;
    }
  }
  slots[hole * 2] = 0;
  slots[hole * 2 + 1] = 0;
}

/** MurmurHash3's body, a word at a time, so that no two words of an id can cancel each other out. */
function hashWords(low: number, high: number): number {
  return finalMix(mixWord(mixWord(0, low), high));
}

function mixWord(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

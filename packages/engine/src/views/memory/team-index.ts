import type { TeamColumns } from './team-columns.ts';

const parts = 64;
const firstSlots = 16;

/**
 * Finds a team's row by its id. Open addressing with linear probing (Knuth, TAOCP 3, 6.4) in 64 parts
 * that grow one at a time, so that a join never waits for a million rows to be placed anew. A slot is
 * row + 1 in four bytes; the id is compared in the columns. Teams are never removed.
 */
export class TeamIndex {
  readonly #columns: TeamColumns;
  readonly #parts: Int32Array[] = [];
  readonly #used = new Uint32Array(parts);

  constructor(columns: TeamColumns) {
    this.#columns = columns;
    for (let part = 0; part < parts; part++) this.#parts.push(new Int32Array(firstSlots));
  }

  /** The team's row, or -1. */
  find(low: number, high: number): number {
    const hash = hashOf(low, high);
    const slots = this.#parts[hash >>> 26]!;
    const mask = slots.length - 1;
    const { idLow, idHigh } = this.#columns;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot]! - 1;
      if (row < 0 || (idLow[row] === low && idHigh[row] === high)) return row;
    }
  }

  /** Adds a row whose id is already in the columns. */
  insert(row: number): void {
    const { idLow, idHigh } = this.#columns;
    const part = hashOf(idLow[row]!, idHigh[row]!) >>> 26;
    if ((this.#used[part]! + 1) * 4 > this.#parts[part]!.length * 3) this.#grow(part);
    this.#place(this.#parts[part]!, row);
    this.#used[part]! += 1;
  }

  #grow(part: number): void {
    const old = this.#parts[part]!;
    const grown = new Int32Array(old.length * 2);
    for (const slot of old) if (slot !== 0) this.#place(grown, slot - 1);
    this.#parts[part] = grown;
  }

  #place(slots: Int32Array, row: number): void {
    const mask = slots.length - 1;
    let slot = hashOf(this.#columns.idLow[row]!, this.#columns.idHigh[row]!) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
  }
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain) over both words. */
function hashOf(low: number, high: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

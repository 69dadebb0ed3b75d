import { Buffer } from 'node:buffer';

/** Bytes of a row: id, points, penalty seconds, last score at (f64 each), solved (u32), big endian. */
export const rowBytes = 36;
export const pointsAt = 8;
export const penaltyAt = 16;
export const lastAt = 24;
export const solvedAt = 32;

/**
 * Teams and a number of each, each team once, in the very bytes that go to Redis. A team is found by open
 * addressing with linear probing; a slot holds row + 1.
 */
export class TeamRows {
  rows = 0;
  #bytes = Buffer.alloc(rowBytes * 16);
  #view = viewOf(this.#bytes);
  #slots = new Int32Array(32);

  /** Borrowed until a row is added. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Borrowed until a row is added. */
  get view(): DataView {
    return this.#view;
  }

  /** The team's row; -1 where there is none. */
  find(low: number, high: number): number {
    return this.#slots[this.#slotOf(low, high)]! - 1;
  }

  /** The team's row, added with zeros where it is new. */
  row(low: number, high: number): number {
    const slot = this.#slotOf(low, high);
    const row = this.#slots[slot]! - 1;
    return row >= 0 ? row : this.#add(slot, low, high);
  }

  clear(): void {
    this.rows = 0;
    this.#bytes = Buffer.alloc(rowBytes * 16);
    this.#view = viewOf(this.#bytes);
    this.#slots = new Int32Array(32);
  }

  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(low, high) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot]! - 1) * rowBytes;
      if (this.#view.getInt32(at + 4) === low && this.#view.getInt32(at) === high) break;
    }
    return slot;
  }

  #add(slot: number, low: number, high: number): number {
    const row = this.rows;
    if ((row + 1) * rowBytes > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
      this.#view = viewOf(this.#bytes);
    }
    this.#view.setInt32(row * rowBytes, high);
    this.#view.setInt32(row * rowBytes + 4, low);
    this.rows = row + 1;
    this.#slots[slot] = row + 1;
    if (this.rows * 2 > this.#slots.length) this.#grow();
    return row;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let row = 0; row < this.rows; row++) {
      const at = row * rowBytes;
      let slot = hashOf(this.#view.getInt32(at + 4), this.#view.getInt32(at)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = row + 1;
    }
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain) over both words. */
function hashOf(low: number, high: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

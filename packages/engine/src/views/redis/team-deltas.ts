import { Buffer } from 'node:buffer';

/** Bytes of a team in `bytes`; the layout stands at `applyScript`. */
const rowBytes = 36;
const pointsAt = 8;
const penaltyAt = 16;
const lastAt = 24;
const solvedAt = 32;

/**
 * What some records change about a hunt's teams, each team once, in the very bytes that go to Redis.
 * A team is found by open addressing with linear probing; a slot holds row + 1.
 */
export class TeamDeltas {
  rows = 0;
  #bytes = Buffer.alloc(rowBytes * 16);
  #slots = new Int32Array(32);

  /** The team's row, added where it is new. */
  row(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(low, high) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot]! - 1) * rowBytes;
      if (this.#bytes.readInt32BE(at) === high && this.#bytes.readInt32BE(at + 4) === low) {
        return this.#slots[slot]! - 1;
      }
    }
    return this.#add(slot, low, high);
  }

  add(row: number, points: number, penaltySeconds: number, solved: number): void {
    const at = row * rowBytes;
    const bytes = this.#bytes;
    bytes.writeDoubleBE(bytes.readDoubleBE(at + pointsAt) + points, at + pointsAt);
    if (penaltySeconds !== 0) {
      bytes.writeDoubleBE(bytes.readDoubleBE(at + penaltyAt) + penaltySeconds, at + penaltyAt);
    }
    if (solved !== 0) {
      bytes.writeUInt32BE(bytes.readUInt32BE(at + solvedAt) + 2 * solved, at + solvedAt);
    }
  }

  /** @param at ms since the epoch; the latest counts */
  scoredAt(row: number, at: number): void {
    const position = row * rowBytes + lastAt;
    if (at > this.#bytes.readDoubleBE(position)) this.#bytes.writeDoubleBE(at, position);
  }

  registered(row: number): void {
    const at = row * rowBytes + solvedAt;
    this.#bytes.writeUInt32BE((this.#bytes.readUInt32BE(at) | 1) >>> 0, at);
  }

  /** Borrowed until the next change. */
  encoded(): Buffer {
    return this.#bytes.subarray(0, this.rows * rowBytes);
  }

  #add(slot: number, low: number, high: number): number {
    const row = this.rows;
    if ((row + 1) * rowBytes > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    }
    this.#bytes.writeInt32BE(high, row * rowBytes);
    this.#bytes.writeInt32BE(low, row * rowBytes + 4);
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
      let slot = hashOf(this.#bytes.readInt32BE(at + 4), this.#bytes.readInt32BE(at)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = row + 1;
    }
  }
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain) over both words. */
function hashOf(low: number, high: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

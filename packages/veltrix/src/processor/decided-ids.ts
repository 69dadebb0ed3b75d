import { finalMix } from '../records/content-hash.ts';
import type { DecisionView } from '../records/decision-record.ts';
import type { StateSpace } from '../state/state-space.ts';
import type { Table } from '../state/table.ts';

/** Words of a row: four of id, then these. */
const hashWord = 4;
const outcomeWord = 5; // status in the low byte, code in the high half
const valueAWord = 6;
const valueBWord = 7;
const rowBytes = 32;

/** What a remembered command was answered with. */
export interface RememberedOutcome {
  contentHash: number;
  status: number;
  code: number;
  a: number;
  b: number;
}

/**
 * The latest command ids with their outcomes: a ring of rows, row = number modulo the window.
 *
 * It is asked once for every command, mostly in vain, so the index is made for that: two open-addressed
 * tables of 32-bit entries, one for the rows written in this round of the ring and one for the round
 * before. Nothing is ever taken out: an entry whose row was overwritten no longer matches its id, and
 * a table is emptied when its round is two rounds old. Derived, so it is in no checkpoint.
 *
 * An entry is the row in the low bits and the high bits of the hash above, the topmost always set.
 */
export class DecidedIds {
  readonly #table: Table;
  readonly #rowMask: number;
  readonly #slotMask: number;
  #thisRound: Int32Array;
  #lastRound: Int32Array;
  readonly #found: RememberedOutcome = { contentHash: 0, status: 0, code: 0, a: 0, b: 0 };

  /** @param window how many ids are kept, a power of two up to 2^24 */
  constructor(space: StateSpace, window: number) {
    if (window > 1 << 24 || (window & (window - 1)) !== 0) {
      throw new RangeError(`dedupe window of ${window}`);
    }
    this.#table = space.table('decided-ids', rowBytes, window);
    this.#rowMask = window - 1;
    this.#slotMask = window * 2 - 1;
    this.#thisRound = new Int32Array(window * 2);
    this.#lastRound = new Int32Array(window * 2);
  }

  /** The outcome of the command with this id; one object, overwritten by the next call. */
  find(view: DataView, idStart: number): RememberedOutcome | undefined {
    const hash = hashAt(view, idStart);
    let row = this.#search(this.#thisRound, hash, view, idStart);
    if (row < 0) row = this.#search(this.#lastRound, hash, view, idStart);
    return row < 0 ? undefined : this.#read(row);
  }

  #search(slots: Int32Array, hash: number, view: DataView, idStart: number): number {
    const mask = this.#slotMask;
    const rowMask = this.#rowMask;
    const tag = tagOf(hash, rowMask);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry === 0) return -1;
      if ((entry & ~rowMask) === tag && this.#matches(entry & rowMask, view, idStart)) {
        return entry & rowMask;
      }
    }
  }

  #matches(row: number, view: DataView, idStart: number): boolean {
    const { words } = this.#table.page(row);
    const at = this.#table.at(row);
    return (
      words[at] === view.getInt32(idStart, true) &&
      words[at + 1] === view.getInt32(idStart + 4, true) &&
      words[at + 2] === view.getInt32(idStart + 8, true) &&
      words[at + 3] === view.getInt32(idStart + 12, true)
    );
  }

  #read(row: number): RememberedOutcome {
    const { words } = this.#table.page(row);
    const at = this.#table.at(row);
    const found = this.#found;
    const outcome = words[at + outcomeWord]!;
    found.contentHash = words[at + hashWord]! >>> 0;
    found.status = outcome & 0xff;
    found.code = outcome >>> 16;
    found.a = words[at + valueAWord]!;
    found.b = words[at + valueBWord]!;
    return found;
  }

  /**
   * Brings the index entries of an id into the processor's cache. Looking at those of a whole record in
   * a row lets their misses overlap; one by one between decisions each would be waited for.
   */
  warm(view: DataView, idStart: number): number {
    const slot = hashAt(view, idStart) & this.#slotMask;
    return this.#thisRound[slot]! ^ this.#lastRound[slot]!;
  }

  /** Remembers a decision as number `count` (from 0) in place of the oldest. */
  remember(count: number, decision: DecisionView): void {
    const row = count & this.#rowMask;
    if (row === 0 && count > 0) this.#beginRound();
    if (row === this.#table.rows) this.#table.add();
    const { words } = this.#table.write(row);
    const at = this.#table.at(row);
    const { view, idStart } = decision;
    words[at] = view.getInt32(idStart, true);
    words[at + 1] = view.getInt32(idStart + 4, true);
    words[at + 2] = view.getInt32(idStart + 8, true);
    words[at + 3] = view.getInt32(idStart + 12, true);
    words[at + hashWord] = decision.contentHash;
    words[at + outcomeWord] = decision.status | (decision.code << 16);
    words[at + valueAWord] = decision.a;
    words[at + valueBWord] = decision.b;
    this.#insert(this.#thisRound, hashAt(view, idStart), row);
  }

  #beginRound(): void {
    const oldest = this.#lastRound;
    this.#lastRound = this.#thisRound;
    this.#thisRound = oldest.fill(0);
  }

  #insert(slots: Int32Array, hash: number, row: number): void {
    let slot = hash & this.#slotMask;
    while (slots[slot] !== 0) slot = (slot + 1) & this.#slotMask;
    slots[slot] = tagOf(hash, this.#rowMask) | row;
  }

  /** Makes the index anew after the table was restored; `count` ids were remembered so far. */
  restored(count: number): void {
    this.#thisRound.fill(0);
    this.#lastRound.fill(0);
    // Row 0 of the next round is written only with the next id: until then the last one is this round.
    const written = count === 0 ? 0 : ((count - 1) & this.#rowMask) + 1;
    for (let row = 0; row < this.#table.rows; row++) {
      const { words } = this.#table.page(row);
      const at = this.#table.at(row);
      const hash = hashOf(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
      this.#insert(row < written ? this.#thisRound : this.#lastRound, hash, row);
    }
  }
}

function tagOf(hash: number, rowMask: number): number {
  return (hash | 0x8000_0000) & ~rowMask;
}

/** Ids come from a keyed hash or from chance, so a quick mix is enough. */
function hashOf(w0: number, w1: number, w2: number, w3: number): number {
  const high = Math.imul(w1, 0x85ebca6b) ^ Math.imul(w3, 0x27d4eb2f);
  return finalMix(w0 ^ high ^ Math.imul(w2, 0xc2b2ae35));
}

function hashAt(view: DataView, idStart: number): number {
  return hashOf(
    view.getInt32(idStart, true),
    view.getInt32(idStart + 4, true),
    view.getInt32(idStart + 8, true),
    view.getInt32(idStart + 12, true),
  );
}

import type { EventView } from '../records/decision-record.ts';
import { RowIndex } from '../state/row-index.ts';
import type { StateSpace } from '../state/state-space.ts';
import type { Table } from '../state/table.ts';
import { timerMaxBytes, timerSetBytes } from './platform-records.ts';

/*
 * Row 0 holds counters: word 0 = last timer number, word 2 = head of the free rows.
 * A timer: words 0-1 number and 0 (the key), floats 1 = due at, word 4 = type | payload bytes << 16,
 * words 6.. payload. A free row has key 0 and the next free row in word 4.
 */
const rowBytes = 24 + timerMaxBytes;
const payloadWord = 6;

export interface DueTimer {
  readonly number: number;
  readonly dueAt: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Timers that are set and have not fired. */
export class TimerTable {
  readonly #table: Table;
  readonly #index: RowIndex;

  constructor(space: StateSpace) {
    this.#table = space.table('timers', rowBytes);
    this.#index = new RowIndex(this.#table);
    this.#table.add();
  }

  /** The number the next timer gets. */
  next(): number {
    return (this.#table.page(0).words[0]! >>> 0) + 1;
  }

  /** Throws `veltrix-state-full` unless `count` more timers find room. */
  checkRoom(count: number): void {
    // A checkpoint of a process with a larger limit may hold more rows than there is room for.
    let missing = count - Math.max(0, this.#table.room);
    let head = this.#table.page(0).words[2]!;
    for (; missing > 0 && head !== 0; missing--) {
      head = this.#table.page(head).words[this.#table.at(head) + 4]!;
    }
    if (missing > 0) throw this.#table.fullError();
  }

  has(number: number): boolean {
    return this.#index.find(number | 0, 0) > 0;
  }

  set(event: EventView): void {
    const { view, payloadStart } = event;
    const number = view.getUint32(payloadStart + 8, true);
    const counters = this.#table.write(0).words;
    counters[0] = number;
    let row = counters[2]!;
    if (row === 0) row = this.#table.add();
    else counters[2] = this.#table.page(row).words[this.#table.at(row) + 4]!;
    const page = this.#table.write(row);
    const at = this.#table.at(row);
    const size = view.getUint16(payloadStart + 14, true);
    page.words[at] = number;
    page.words[at + 1] = 0;
    page.floats[at / 2 + 1] = view.getFloat64(payloadStart, true);
    page.words[at + 4] = view.getUint16(payloadStart + 12, true) | (size << 16);
    for (let word = 0; word < timerMaxBytes / 4; word++) {
      page.words[at + payloadWord + word] =
        word * 4 < size ? view.getInt32(payloadStart + timerSetBytes + word * 4, true) : 0;
    }
    this.#index.insert(row);
  }

  clear(number: number): void {
    const row = this.#index.find(number | 0, 0);
    if (row <= 0) return;
    this.#index.remove(row);
    const counters = this.#table.write(0).words;
    const page = this.#table.write(row);
    const at = this.#table.at(row);
    page.words.fill(0, at, at + rowBytes / 4);
    page.words[at + 4] = counters[2]!;
    counters[2] = row;
  }

  get(number: number): DueTimer | undefined {
    const row = this.#index.find(number | 0, 0);
    return row > 0 ? this.#read(row) : undefined;
  }

  /** Number and due time of every timer that is set. */
  forEach(visit: (number: number, dueAt: number) => void): void {
    for (let row = 1; row < this.#table.rows; row++) {
      const page = this.#table.page(row);
      const at = this.#table.at(row);
      const number = page.words[at]! >>> 0;
      if (number !== 0) visit(number, page.floats[at / 2 + 1]!);
    }
  }

  #read(row: number): DueTimer {
    const page = this.#table.page(row);
    const at = this.#table.at(row);
    const typeAndSize = page.words[at + 4]!;
    const start = (at + payloadWord) * 4;
    return {
      number: page.words[at]! >>> 0,
      dueAt: page.floats[at / 2 + 1]!,
      type: typeAndSize & 0xffff,
      payload: page.bytes.slice(start, start + (typeAndSize >>> 16)),
    };
  }

  restored(): void {
    // Row 0 has counters where the others have their number, and free rows have none.
    this.#index.rebuild((row) => row > 0 && this.#table.page(row).words[this.#table.at(row)] !== 0);
  }
}

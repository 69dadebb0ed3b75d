import type { CodedError } from '../coded-error.ts';
import { veltrixErrors } from '../errors.ts';

/** Size of a page: the unit of change tracking and of checkpoints. */
export const pageBytes = 16_384;

const clean = 0;
const dirty = 1;
/** Changed since the last checkpoint and not yet copied into the one being taken. */
const awaitingCopy = 2;

/**
 * One page of rows as raw numbers. `words` are for integers, `floats` for times (8-aligned rows make
 * both line up), `bytes` for copying.
 */
export class Page {
  readonly bytes = new Uint8Array(pageBytes);
  readonly words = new Int32Array(this.bytes.buffer);
  readonly floats = new Float64Array(this.bytes.buffer);
  state = dirty;
}

/** What `decide` may do with a table: read it. */
export interface ReadonlyTable {
  readonly name: string;
  readonly rows: number;
  readonly rowWords: number;
  /** The page that holds a row. Treat it as read-only. */
  page(row: number): Page;
  /** Index of the row's first 32-bit word in its page's `words`; halve it for `floats`. */
  at(row: number): number;
}

/**
 * Fixed-size rows in pages: the state of a fold as plain bytes. So it is compact, the collector never
 * sees it, two folds can be compared byte by byte, and a checkpoint is a copy of the pages that changed.
 *
 * A page that a running checkpoint still has to take is copied just before its first change, so the
 * fold never waits for the checkpoint.
 */
export class Table implements ReadonlyTable {
  readonly name: string;
  readonly rowBytes: number;
  readonly rowWords: number;
  readonly pages: Page[] = [];
  rows = 0;
  readonly rowsPerPage: number;
  readonly #shift: number;
  readonly #mask: number;
  readonly maxRows: number;
  /** Copies of pages that changed while they were awaited; by page number. */
  #copies: Map<number, Uint8Array> | undefined;

  constructor(name: string, rowBytes: number, maxRows: number) {
    if (rowBytes % 8 !== 0 || rowBytes > pageBytes || rowBytes < 8) {
      throw new RangeError(`rows of table ${name} have ${rowBytes} bytes`);
    }
    this.name = name;
    this.rowBytes = rowBytes;
    this.rowWords = rowBytes / 4;
    this.#shift = Math.floor(Math.log2(pageBytes / rowBytes));
    this.rowsPerPage = 1 << this.#shift;
    this.#mask = this.rowsPerPage - 1;
    this.maxRows = maxRows;
  }

  page(row: number): Page {
    return this.pages[row >>> this.#shift]!;
  }

  at(row: number): number {
    return (row & this.#mask) * this.rowWords;
  }

  /** The page that holds a row, about to be changed. */
  write(row: number): Page {
    const page = this.pages[row >>> this.#shift]!;
    if (page.state !== dirty) this.#soil(page, row >>> this.#shift);
    return page;
  }

  /** Appends a zeroed row and returns its number. Throws `veltrix-state-full`. */
  add(): number {
    const row = this.rows;
    if (row >= this.maxRows) throw this.fullError();
    if (row >>> this.#shift === this.pages.length) this.pages.push(new Page());
    this.write(row);
    this.rows = row + 1;
    return row;
  }

  /** Rows that `add` can still give. */
  get room(): number {
    return this.maxRows - this.rows;
  }

  /** Throws `veltrix-state-full` unless `add` can give `count` more: for `decide`, as `evolve` must not fail. */
  checkRoom(count: number): void {
    if (count > this.maxRows - this.rows) throw this.fullError();
  }

  /** The error `add` throws when it is full. */
  fullError(): CodedError {
    return veltrixErrors.create('veltrix-state-full', { table: this.name, limit: this.maxRows });
  }

  #soil(page: Page, number: number): void {
    if (page.state === awaitingCopy) this.#copies!.set(number, page.bytes.slice());
    page.state = dirty;
  }

  /** Starts taking a checkpoint: returns the numbers of the pages it must hold. */
  beginSnapshot(everyPage: boolean): number[] {
    this.#copies = new Map();
    const numbers: number[] = [];
    for (const [number, page] of this.pages.entries()) {
      if (everyPage || page.state === dirty) {
        page.state = awaitingCopy;
        numbers.push(number);
      }
    }
    return numbers;
  }

  /** The bytes of a page as they were at `beginSnapshot`; call once for each, then it is let go. */
  takeSnapshotPage(number: number): Uint8Array {
    const copy = this.#copies!.get(number);
    if (copy) {
      this.#copies!.delete(number);
      return copy;
    }
    const page = this.pages[number]!;
    page.state = clean;
    return page.bytes;
  }

  endSnapshot(): void {
    this.#copies = undefined;
  }

  /** Gives up a checkpoint: what it did not keep counts as changed again. */
  abortSnapshot(numbers: readonly number[]): void {
    for (const number of numbers) this.pages[number]!.state = dirty;
    this.#copies = undefined;
  }

  /** Puts back a page and the row count from a checkpoint. */
  restorePage(number: number, bytes: Uint8Array): void {
    while (this.pages.length <= number) this.pages.push(new Page());
    const page = this.pages[number]!;
    page.bytes.set(bytes);
    page.state = clean;
  }
}

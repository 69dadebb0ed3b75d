/**
 * Numbers that one thread writes and others read without asking, in rows of named columns. Each number
 * is an aligned word of 64 bits, which the machines this runs on write and read whole; a reader may
 * see some of a row newer than others. All are 0 at first.
 */
export class NumberBoard<Column extends string> {
  readonly memory: SharedArrayBuffer;
  readonly rows: number;
  readonly #columns: ReadonlyMap<Column, number>;
  readonly #words: Float64Array;

  /** A new board with so many rows, or in another thread the same one by its memory. */
  constructor(columns: readonly Column[], source: number | SharedArrayBuffer) {
    const rowBytes = columns.length * 8;
    this.memory = typeof source === 'number' ? new SharedArrayBuffer(rowBytes * source) : source;
    this.rows = this.memory.byteLength / rowBytes;
    this.#columns = new Map(columns.map((column, index) => [column, index]));
    this.#words = new Float64Array(this.memory);
  }

  set(row: number, column: Column, value: number): void {
    this.#words[this.#at(row, column)] = value;
  }

  get(row: number, column: Column): number {
    return this.#words[this.#at(row, column)]!;
  }

  #at(row: number, column: Column): number {
    return row * this.#columns.size + this.#columns.get(column)!;
  }
}

import { BlockDirectory } from './block-directory.ts';
import type { TeamColumns } from './team-columns.ts';

/** Rows in a block. A block is shifted in place, so larger ones cost time and smaller ones memory. */
const blockRows = 256;
const underfull = blockRows / 4;
/** Two neighbours become one only when that leaves room to grow, or they would split again at once. */
const mergeMax = (blockRows * 3) / 4;

/**
 * Rows in order of rank: points downwards, then the tie-breaker upwards, then the team id upwards. A
 * list of sorted blocks of row numbers with counted positions, that is a B+-tree of two levels; insert,
 * remove, rank and select are O(log n) comparisons and one shift within a block. About 9 bytes a row.
 *
 * A row's keys must not change while it is in here: take it out, change it, put it back.
 */
export class RankedRows {
  readonly #columns: TeamColumns;
  #rows = new Int32Array(blockRows);
  #counts = new Uint16Array(1);
  readonly #freeBlocks: number[] = [];
  #blocksUsed = 0;
  #blockOf = new Int32Array(64);
  readonly #directory = new BlockDirectory();

  constructor(columns: TeamColumns) {
    this.#columns = columns;
  }

  /** Starts again with all rows of the columns. */
  rebuild(): void {
    const total = this.#columns.rows;
    const sorted = new Int32Array(total);
    for (let row = 0; row < total; row++) sorted[row] = row;
    sorted.sort((one, other) => (this.#before(one, other) ? -1 : 1));
    const perBlock = mergeMax;
    const blocks = Math.ceil(total / perBlock);
    this.#rows = new Int32Array(Math.max(1, blocks) * blockRows);
    this.#counts = new Uint16Array(Math.max(1, blocks));
    this.#blockOf = new Int32Array(Math.max(64, total));
    this.#freeBlocks.length = 0;
    this.#blocksUsed = blocks;
    this.#directory.clear();
    for (let block = 0; block < blocks; block++) {
      const run = sorted.subarray(block * perBlock, (block + 1) * perBlock);
      this.#rows.set(run, block * blockRows);
      this.#counts[block] = run.length;
      for (const row of run) this.#blockOf[row] = block;
      this.#directory.append(block);
    }
    this.#directory.recount(this.#counts);
  }

  insert(row: number): void {
    let place = this.#placeFor(row);
    if (place < 0) {
      this.#addBlock(0);
      place = 0;
    }
    let block = this.#directory.blockAt(place);
    if (this.#counts[block] === blockRows) {
      this.#split(place, block);
      place = this.#placeFor(row);
      block = this.#directory.blockAt(place);
    }
    const start = block * blockRows;
    const end = start + this.#counts[block]!;
    const at = this.#lowerBound(start, end, row);
    const rows = this.#rows;
    if (at < end) rows.copyWithin(at + 1, at, end);
    rows[at] = row;
    this.#counts[block]! += 1;
    this.#setBlockOf(row, block);
    this.#directory.add(place, 1);
  }

  remove(row: number): void {
    const block = this.#blockOf[row]!;
    const start = block * blockRows;
    const end = start + this.#counts[block]!;
    const rows = this.#rows;
    let at = start;
    while (rows[at] !== row) at += 1;
    if (at + 1 < end) rows.copyWithin(at, at + 1, end);
    this.#counts[block]! -= 1;
    const place = this.#directory.placeOf(block);
    this.#directory.add(place, -1);
    if (end - start - 1 < underfull) this.#shrink(place, block);
  }

  /** How many rows stand strictly before these keys; teams of equal keys not counted. */
  countBefore(points: number, tie: number): number {
    const { points: pointsColumn, tie: tieColumn } = this.#columns;
    const better = (row: number) =>
      pointsColumn[row]! > points || (pointsColumn[row] === points && tieColumn[row]! < tie);
    let low = 0;
    let high = this.#directory.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (better(this.#rows[this.#directory.blockAt(middle) * blockRows]!)) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    const place = low - 1;
    const block = this.#directory.blockAt(place);
    let from = block * blockRows;
    let to = from + this.#counts[block]!;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (better(this.#rows[middle]!)) from = middle + 1;
      else to = middle;
    }
    return this.#directory.countBefore(place) + from - block * blockRows;
  }

  /** Visits at most `limit` rows from position `from` (0 = the first) on. */
  visit(from: number, limit: number, visitor: (row: number) => void): void {
    if (from >= this.#directory.total()) return;
    let { place, within } = this.#directory.find(from);
    for (let left = limit; left > 0 && place < this.#directory.length; place++) {
      const block = this.#directory.blockAt(place);
      const end = Math.min(this.#counts[block]!, within + left);
      left -= end - within;
      for (; within < end; within++) visitor(this.#rows[block * blockRows + within]!);
      within = 0;
    }
  }

  /** The place of the block this row belongs into: the last that starts before it, or the first; -1 without blocks. */
  #placeFor(row: number): number {
    const directory = this.#directory;
    const rows = this.#rows;
    let low = 0;
    let high = directory.length;
    if (high === 0) return -1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#before(rows[directory.blockAt(middle) * blockRows]!, row)) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : low - 1;
  }

  #lowerBound(start: number, end: number, row: number): number {
    const rows = this.#rows;
    let low = start;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#before(rows[middle]!, row)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #before(one: number, other: number): boolean {
    const columns = this.#columns;
    const points = columns.points[one]! - columns.points[other]!;
    if (points !== 0) return points > 0;
    const tie = columns.tie[one]! - columns.tie[other]!;
    if (tie !== 0) return tie < 0;
    const high = (columns.idHigh[one]! >>> 0) - (columns.idHigh[other]! >>> 0);
    if (high !== 0) return high < 0;
    return columns.idLow[one]! >>> 0 < columns.idLow[other]! >>> 0;
  }

  #setBlockOf(row: number, block: number): void {
    if (row >= this.#blockOf.length) {
      const grown = new Int32Array(Math.ceil(Math.max(row + 1, this.#blockOf.length * 1.25)));
      grown.set(this.#blockOf);
      this.#blockOf = grown;
    }
    this.#blockOf[row] = block;
  }

  #addBlock(place: number): number {
    const block = this.#freeBlocks.pop() ?? this.#blocksUsed++;
    if (block >= this.#counts.length) {
      const capacity = Math.ceil(this.#blocksUsed * 1.25);
      const rows = new Int32Array(capacity * blockRows);
      rows.set(this.#rows);
      this.#rows = rows;
      const counts = new Uint16Array(capacity);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.#counts[block] = 0;
    this.#directory.insert(place, block);
    this.#directory.recount(this.#counts);
    return block;
  }

  #split(place: number, block: number): void {
    const added = this.#addBlock(place + 1);
    const half = blockRows / 2;
    this.#move(block, half, added);
    this.#directory.recount(this.#counts);
  }

  /** Moves the rows of a block from `first` on to the end of another. */
  #move(from: number, first: number, to: number): void {
    const rows = this.#rows.subarray(
      from * blockRows + first,
      from * blockRows + this.#counts[from]!,
    );
    this.#rows.set(rows, to * blockRows + this.#counts[to]!);
    for (const row of rows) this.#blockOf[row] = to;
    this.#counts[to]! += rows.length;
    this.#counts[from] = first;
  }

  #shrink(place: number, block: number): void {
    if (this.#counts[block] === 0) {
      this.#dropBlock(place, block);
    } else if (!this.#mergeInto(place - 1, place)) {
      this.#mergeInto(place, place + 1);
    }
  }

  /** Moves the block at `second` to the end of the one at `first`, when both exist and fit. */
  #mergeInto(first: number, second: number): boolean {
    if (first < 0 || second >= this.#directory.length) return false;
    const to = this.#directory.blockAt(first);
    const from = this.#directory.blockAt(second);
    if (this.#counts[to]! + this.#counts[from]! > mergeMax) return false;
    this.#move(from, 0, to);
    this.#dropBlock(second, from);
    return true;
  }

  #dropBlock(place: number, block: number): void {
    this.#directory.remove(place);
    this.#directory.recount(this.#counts);
    this.#freeBlocks.push(block);
  }
}

import type { DatabaseSync } from 'node:sqlite';
import { decodePage, encodePage, pagePostings } from './posting-page.ts';
import { mergedRuns, type PostingRun } from './posting-run.ts';

/** Runs of about the same size that are merged into one, and the size from which on they are left alone. */
const fanIn = 8;
const settledPostings = fanIn ** 6;

interface Run {
  readonly run: number;
  readonly postings: number;
  readonly minAt: number;
  readonly maxAt: number;
}

export const postingSchema = `
  CREATE TABLE runs (
    run INTEGER PRIMARY KEY, postings INTEGER NOT NULL, min_at REAL NOT NULL, max_at REAL NOT NULL
  ) STRICT;
  CREATE TABLE postings (
    run INTEGER NOT NULL, last_key INTEGER NOT NULL, last_position INTEGER NOT NULL,
    entries BLOB NOT NULL, PRIMARY KEY (run, last_key, last_position)
  ) STRICT, WITHOUT ROWID`;

/**
 * Where things are found, by key. Each append adds one sorted run; eight runs of a size become one, as
 * in a log-structured merge tree (O'Neil et al. 1996). A B-tree index over the random ids of commands
 * and teams touches a page of the file for almost every row: measured, it fell from 300,000 rows a
 * second to 20,000 within two million rows. Runs are only ever written in order.
 *
 * All writes belong to the caller's transaction; call `reload` after rolling one back.
 */
export class PostingIndex {
  readonly #insertRun;
  readonly #deleteRun;
  readonly #insertPage;
  readonly #deletePages;
  readonly #pages;
  readonly #pageFrom;
  readonly #allRuns;
  #runs: Run[] = [];

  constructor(database: DatabaseSync) {
    this.#insertRun = database.prepare('INSERT INTO runs VALUES (NULL, ?, ?, ?)');
    this.#deleteRun = database.prepare('DELETE FROM runs WHERE run = ?');
    this.#insertPage = database.prepare('INSERT INTO postings VALUES (?, ?, ?, ?)');
    this.#deletePages = database.prepare('DELETE FROM postings WHERE run = ?');
    this.#pages = database.prepare(
      'SELECT entries FROM postings WHERE run = ? ORDER BY last_key, last_position',
    );
    this.#pageFrom = database.prepare(
      `SELECT entries FROM postings WHERE run = ? AND (last_key, last_position) >= (?, ?)
       ORDER BY last_key, last_position LIMIT 1`,
    );
    this.#allRuns = database.prepare('SELECT run, postings, min_at, max_at FROM runs ORDER BY run');
    this.reload();
  }

  reload(): void {
    this.#runs = this.#allRuns.all().map((row) => ({
      run: Number(row['run']),
      postings: Number(row['postings']),
      minAt: Number(row['min_at']),
      maxAt: Number(row['max_at']),
    }));
  }

  /** How many runs a look-up has to ask. */
  get runs(): number {
    return this.#runs.length;
  }

  /** @param minAt and `maxAt`: times of what the postings lead to, ms since the epoch */
  add(run: PostingRun, minAt: number, maxAt: number): void {
    if (run.keys.length === 0) return;
    this.#write(run, minAt, maxAt);
    for (let size = sizeClass(run.keys.length); size < sizeClass(settledPostings); size++) {
      const same = this.#runs.filter((other) => sizeClass(other.postings) === size);
      if (same.length >= fanIn) this.#merge(same);
    }
  }

  /** Positions of a key from `from` on, ascending; of runs that overlap the times only. */
  *positions(key: number, from: number, minAt: number, maxAt: number): Generator<number> {
    const cursors = this.#runs
      .filter((run) => run.maxAt >= minAt && run.minAt < maxAt)
      .map((run) => new RunCursor((after) => this.#page(run.run, key, after), key, from));
    for (;;) {
      let least: RunCursor | undefined;
      for (const cursor of cursors) {
        if (cursor.position < (least?.position ?? Number.POSITIVE_INFINITY)) least = cursor;
      }
      if (least === undefined) return;
      yield least.position;
      least.next();
    }
  }

  #page(run: number, key: number, from: number): PostingRun | undefined {
    const row = this.#pageFrom.get(run, key, from);
    return row && decodePage(row['entries'] as Uint8Array);
  }

  #write(run: PostingRun, minAt: number, maxAt: number): void {
    const postings = run.keys.length;
    const number = Number(this.#insertRun.run(postings, minAt, maxAt).lastInsertRowid);
    for (let from = 0; from < postings; from += pagePostings) {
      const to = Math.min(postings, from + pagePostings);
      this.#insertPage.run(
        number,
        run.keys[to - 1]!,
        run.positions[to - 1]!,
        encodePage(run, from, to),
      );
    }
    this.#runs.push({ run: number, postings, minAt, maxAt });
  }

  #merge(same: readonly Run[]): void {
    const merged = mergedRuns(same.map(({ run, postings }) => this.#readAll(run, postings)));
    for (const { run } of same) {
      this.#deletePages.run(run);
      this.#deleteRun.run(run);
    }
    this.#runs = this.#runs.filter((run) => !same.includes(run));
    const minAt = Math.min(...same.map((run) => run.minAt));
    const maxAt = Math.max(...same.map((run) => run.maxAt));
    this.#write(merged, minAt, maxAt);
  }

  #readAll(run: number, postings: number): PostingRun {
    const whole = { keys: new Uint32Array(postings), positions: new Float64Array(postings) };
    let at = 0;
    for (const row of this.#pages.iterate(run)) {
      const page = decodePage(row['entries'] as Uint8Array);
      whole.keys.set(page.keys, at);
      whole.positions.set(page.positions, at);
      at += page.keys.length;
    }
    return whole;
  }
}

function sizeClass(postings: number): number {
  return Math.floor(Math.log2(postings) / Math.log2(fanIn));
}

/** Walks the postings of one key in one run, a page at a time. */
class RunCursor {
  /** Infinity at the end. */
  position = Number.POSITIVE_INFINITY;
  readonly #load: (from: number) => PostingRun | undefined;
  readonly #key: number;
  #page: PostingRun | undefined;
  #at = 0;

  constructor(load: (from: number) => PostingRun | undefined, key: number, from: number) {
    this.#load = load;
    this.#key = key;
    this.#open(from);
  }

  next(): void {
    const { position } = this;
    this.#at += 1;
    if (this.#at < this.#page!.keys.length) this.#settle();
    else this.#open(position + 1);
  }

  #open(from: number): void {
    this.#page = this.#load(from);
    this.#at = 0;
    const page = this.#page;
    if (page === undefined) {
      this.position = Number.POSITIVE_INFINITY;
      return;
    }
    let low = 0;
    let high = page.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = page.keys[middle]!;
      const before = key < this.#key || (key === this.#key && page.positions[middle]! < from);
      if (before) low = middle + 1;
      else high = middle;
    }
    this.#at = low;
    this.#settle();
  }

  #settle(): void {
    const same = this.#page!.keys[this.#at] === this.#key;
    this.position = same ? this.#page!.positions[this.#at]! : Number.POSITIVE_INFINITY;
  }
}

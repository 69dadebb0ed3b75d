import type { DatabaseSync } from 'node:sqlite';
import { engineErrors } from '../../errors.ts';
import { openSqliteFile, sqliteFailed } from '../../sqlite/sqlite-file.ts';
import type { Archive, ArchivedDecision, ArchivedEvent, EventQuery } from '../archive.ts';
import { ArchivedRecords, type PlacedRecord, type TimeSpan } from '../archived-record.ts';
import { checkLimit, commandKeyOf, keyOf } from '../query-key.ts';
import { PostingIndex, postingSchema } from './posting-index.ts';
import { maxSortedPostings, PostingBuffer } from './posting-run.ts';

const schema = `
  CREATE TABLE cursors (partition INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL) STRICT;
  CREATE TABLE records (
    position INTEGER PRIMARY KEY, min_at REAL NOT NULL, max_at REAL NOT NULL, bytes BLOB NOT NULL
  ) STRICT;
  ${postingSchema}`;

/** A position is partition and offset in one number, so that its order is theirs. */
const offsets = 2 ** 40;
const maxPartitions = 2 ** 13;

/**
 * The archive in one SQLite file: the decision records as they were in the log, and where each command,
 * hunt, team and treasure is found in them. So an event costs the archive little more than its bytes,
 * and nothing of it is lost in a translation to columns.
 *
 * An append, with the offset it leads to, is one transaction: all of it is there after a crash, or
 * nothing. `synchronous=NORMAL` may lose the last of them with the power; that is enough because the
 * log has them and `nextOffset` then says to read them there again.
 *
 * Calls do their work at once, on the caller's thread. Throws `engine-store-failed`,
 * `engine-store-damaged`, `engine-store-version`, `engine-archive-stopped`, `veltrix-record-invalid`.
 */
export class SqliteArchive implements Archive {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #index: PostingIndex;
  readonly #records = new ArchivedRecords();
  readonly #postings = new PostingBuffer();
  readonly #cursor;
  readonly #setCursor;
  readonly #insertRecord;
  readonly #record;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
    this.#database = openSqliteFile({
      path,
      kind: 'hnar',
      version: 1,
      schema,
      pragmas: {
        page_size: 8192,
        journal_mode: 'WAL',
        synchronous: 'NORMAL',
        cache_size: -16_384,
        busy_timeout: 5000,
      },
    });
    this.#index = new PostingIndex(this.#database);
    this.#cursor = this.#database.prepare('SELECT next_offset FROM cursors WHERE partition = ?');
    this.#setCursor = this.#database.prepare('INSERT OR REPLACE INTO cursors VALUES (?, ?)');
    this.#insertRecord = this.#database.prepare('INSERT INTO records VALUES (?, ?, ?, ?)');
    this.#record = this.#database.prepare(
      'SELECT bytes FROM records WHERE position = ? AND max_at >= ? AND min_at < ?',
    );
  }

  async nextOffset(partition: number): Promise<number> {
    return this.#guarded(() => this.#nextOffset(partition));
  }

  /**
   * `nextOffset` of the first `partitionCount` partitions, with all below it synced: only then may the
   * log let go of it.
   */
  async durableEnds(partitionCount: number): Promise<readonly number[]> {
    return this.#guarded(() => {
      const ends = Array.from({ length: partitionCount }, (_, partition) =>
        this.#nextOffset(partition),
      );
      // With synchronous=NORMAL a WAL checkpoint syncs the journal first, and the file after.
      const done = this.#database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
      const whole = done?.['busy'] === 0 && done['log'] === done['checkpointed'];
      // Somebody else reads the file: the next time tells more.
      return whole ? ends : ends.map(() => 0);
    });
  }

  async append(
    partition: number,
    records: readonly { offset: number; bytes: Uint8Array }[],
  ): Promise<void> {
    this.#guarded(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        this.#append(partition, records);
        this.#database.exec('COMMIT');
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        this.#postings.count = 0;
        this.#index.reload();
        throw error;
      }
    });
  }

  async events(query: EventQuery): Promise<readonly ArchivedEvent[]> {
    checkLimit(query);
    const key = keyOf(query);
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = query;
    const [first, last] = positionsOf(query);
    return this.#guarded(() => {
      const found: ArchivedEvent[] = [];
      for (const position of this.#index.positions(key, first, from, to)) {
        if (position > last) break;
        const record = this.#recordAt(position, from, to);
        if (record) this.#records.match(record, query, found);
        if (found.length >= query.limit) break;
      }
      return found;
    });
  }

  async decision(commandId: string): Promise<ArchivedDecision | undefined> {
    const key = commandKeyOf(commandId);
    if (key === undefined) return undefined;
    const [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    return this.#guarded(() => {
      for (const position of this.#index.positions(key, 0, from, to)) {
        const record = this.#recordAt(position, from, to);
        const decision = record && this.#records.decision(record, commandId);
        if (decision) return decision;
      }
      return undefined;
    });
  }

  /** Visits the partition's decision records from `from` up to, not including, `below`, as the log had them. */
  visitRecords(
    partition: number,
    from: number,
    below: number,
    visit: (offset: number, bytes: Uint8Array) => void,
  ): void {
    const statement = this.#database.prepare(
      'SELECT position, bytes FROM records WHERE position >= ? AND position < ? ORDER BY position',
    );
    const [first, last] = [positionOf(partition, from), positionOf(partition, below)];
    this.#guarded(() => {
      for (const { position, bytes } of statement.iterate(first, last)) {
        // A copy that starts at a multiple of 8, as records are read in place by word.
        visit(Number(position) % offsets, (bytes as Uint8Array).slice());
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#database.close();
  }

  /** How many runs a look-up asks; for metrics. */
  get runs(): number {
    return this.#index.runs;
  }

  #nextOffset(partition: number): number {
    return Number(this.#cursor.get(partition)?.['next_offset'] ?? 0);
  }

  #append(partition: number, records: readonly { offset: number; bytes: Uint8Array }[]): void {
    let next = this.#nextOffset(partition);
    let span: TimeSpan = emptySpan();
    for (const { offset, bytes } of records) {
      if (offset < next) continue;
      const position = positionOf(partition, offset);
      const own = emptySpan();
      this.#records.collect({ partition, offset, bytes }, position, this.#postings, own);
      this.#insertRecord.run(position, own.minAt, own.maxAt, bytes);
      span.minAt = Math.min(span.minAt, own.minAt);
      span.maxAt = Math.max(span.maxAt, own.maxAt);
      next = offset + 1;
      if (this.#postings.count >= maxSortedPostings / 2) {
        this.#index.add(this.#postings.takeSorted(), span.minAt, span.maxAt);
        span = emptySpan();
      }
    }
    this.#index.add(this.#postings.takeSorted(), span.minAt, span.maxAt);
    this.#setCursor.run(partition, next);
  }

  #recordAt(position: number, from: number, to: number): PlacedRecord | undefined {
    const bytes = this.#record.get(position, from, to)?.['bytes'] as Uint8Array | undefined;
    if (bytes === undefined) return undefined;
    const partition = Math.floor(position / offsets);
    return { partition, offset: position % offsets, bytes };
  }

  #guarded<Result>(work: () => Result): Result {
    if (this.#closed) {
      throw engineErrors.create('engine-archive-stopped', { reason: 'it is closed' });
    }
    try {
      return work();
    } catch (error) {
      throw error instanceof RangeError ? error : sqliteFailed(this.#path, error);
    }
  }
}

function emptySpan(): TimeSpan {
  return { minAt: Number.POSITIVE_INFINITY, maxAt: Number.NEGATIVE_INFINITY };
}

/** The first and the last position where what is asked for may be. */
function positionsOf({ partition, after }: EventQuery): readonly [number, number] {
  const beyond = after ? positionOf(after.partition, after.offset) : 0;
  if (partition === undefined) return [beyond, Number.POSITIVE_INFINITY];
  return [Math.max(beyond, positionOf(partition, 0)), positionOf(partition, offsets - 1)];
}

function positionOf(partition: number, offset: number): number {
  if (!(partition >= 0 && partition < maxPartitions && offset >= 0 && offset < offsets)) {
    throw new RangeError(`partition ${partition}, offset ${offset}`);
  }
  return partition * offsets + offset;
}

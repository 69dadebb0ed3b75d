import { existsSync } from 'node:fs';
import { CommandRecordBuilder, type LogPartition, type Stream } from 'veltrix';
import { SqliteArchive } from '../archive/sqlite/sqlite-archive.ts';
import { engineErrors } from '../errors.ts';
import { chunkBytes, type PlainPartition } from './plain-partition.ts';

/** What is read of a partition's log; somebody else may be writing it. */
export type ReadablePartition = Pick<LogPartition, 'partition' | 'durableEnd' | 'start' | 'read'>;

/** So many at a time of those that stand for what is gone. */
const recordsAtOnce = 1_024;

/**
 * The records of a partition of a data directory. Where retention has shortened the log, the decisions
 * come from the archive, and an empty command record stands for each that is gone: what was
 * decided is known, what was asked for is not needed any more.
 */
export class EmbeddedRecords implements PlainPartition {
  readonly ends: Readonly<Record<Stream, number>>;
  readonly #log: ReadablePartition;
  readonly #archivePath: string;

  constructor(log: ReadablePartition, directory: string) {
    this.#log = log;
    this.#archivePath = `${directory}/archive.db`;
    this.ends = { commands: log.durableEnd('commands'), events: log.durableEnd('events') };
  }

  /** Throws `engine-migrate-source-shortened` when the archive lacks what the log no longer has. */
  async check(): Promise<void> {
    const first = this.#log.start('events');
    if (first === 1) return;
    const archive = this.#openArchive();
    try {
      const end = await archive.nextOffset(this.#log.partition);
      if (end < first) throw this.#shortened(`the archive ends at event ${end}`);
    } finally {
      await archive.close();
    }
  }

  async *read(stream: Stream, from: number): AsyncGenerator<readonly Uint8Array[]> {
    const start = this.#log.start(stream);
    if (from < start) {
      yield* stream === 'commands' ? placeholders(start - from) : this.#archived(from, start);
    }
    for (let next = Math.max(from, start); next < this.ends[stream]; ) {
      const records: Uint8Array[] = [];
      next = this.#log.read(stream, next, chunkBytes, (_, bytes) => records.push(bytes.slice()));
      yield records;
    }
  }

  async *#archived(from: number, below: number): AsyncGenerator<readonly Uint8Array[]> {
    const archive = this.#openArchive();
    try {
      let records: Uint8Array[] = [];
      let bytes = 0;
      for (let next = from; next < below; next++) {
        const before = records.length;
        archive.visitRecords(this.#log.partition, next, next + 1, (_, record) => {
          records.push(record);
          bytes += record.length;
        });
        if (records.length === before) throw this.#shortened(`the archive lacks event ${next}`);
        if (bytes < chunkBytes && next < below - 1) continue;
        yield records;
        [records, bytes] = [[], 0];
      }
    } finally {
      await archive.close();
    }
  }

  #openArchive(): SqliteArchive {
    if (!existsSync(this.#archivePath)) throw this.#shortened('there is no archive');
    return new SqliteArchive(this.#archivePath);
  }

  #shortened(reason: string): Error {
    const { partition } = this.#log;
    const details = { partition, first: this.#log.start('events'), reason };
    return engineErrors.create('engine-migrate-source-shortened', details);
  }
}

function* placeholders(count: number): Generator<readonly Uint8Array[]> {
  const placeholder = new CommandRecordBuilder(64).finish(0, 0, 0).slice();
  for (let left = count; left > 0; left -= recordsAtOnce) {
    yield Array.from({ length: Math.min(left, recordsAtOnce) }, () => placeholder);
  }
}

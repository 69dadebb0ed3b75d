import type { ArchivedDecision, ArchivedEvent, EventQuery } from '../archive.ts';
import { ArchivedRecords, type PlacedRecord } from '../archived-record.ts';
import { commandKeyOf, keyOf } from '../query-key.ts';
import { ahead } from './ahead.ts';
import type { CassandraSession, Row } from './cassandra-session.ts';
import { reads } from './cql.ts';
import { overlaps } from './placement.ts';
import { visitPostings } from './posting-sheet.ts';
import { commandPlace, commandShards, subjectShards } from './shards.ts';

/** Reads of one query on their way at once. */
const width = 8;

interface Cursor {
  readonly partition: number;
  readonly next: number;
}

/** A bucket of a partition of the log, up to where it is archived. */
interface Bucket extends Cursor {
  readonly bucket: number;
}

interface PartPlace {
  readonly offset: number;
  readonly index: number;
}

/** Answers questions by reading what lies together; what is written beyond a cursor does not count. */
export class CassandraQueries {
  readonly #session: CassandraSession;
  readonly #records = new ArchivedRecords();

  constructor(session: CassandraSession) {
    this.#session = session;
  }

  async events(query: EventQuery): Promise<readonly ArchivedEvent[]> {
    const key = keyOf(query);
    const found: ArchivedEvent[] = [];
    for (const cursor of await this.#cursors()) {
      if (cursor.partition < (query.after?.partition ?? 0)) continue;
      if (cursor.partition !== (query.partition ?? cursor.partition)) continue;
      const eras = await this.#eras(cursor.partition, query);
      const lists = ahead(eras, width, (era) => this.#buckets(cursor, era, query));
      const slices = ahead(each(lists), width, async (bucket) => ({
        bucket,
        places: await this.#places(bucket, key, query),
      }));
      for await (const { bucket, places } of slices) {
        const parts = ahead(places, width, (place) => this.#part(bucket, place));
        for await (const part of parts) {
          if (part) this.#records.match(part, query, found);
          if (found.length >= query.limit) return found;
        }
      }
    }
    return found;
  }

  async decision(commandId: string): Promise<ArchivedDecision | undefined> {
    const key = commandKeyOf(commandId);
    if (key === undefined) return undefined;
    for (const cursor of await this.#cursors()) {
      const eras = await this.#eras(cursor.partition, {});
      const [shard, subshard] = commandPlace(key % commandShards);
      const params = (era: number) => [shard, cursor.partition, BigInt(era), subshard];
      const slices = ahead(eras.reverse(), width, (era) =>
        this.#session.rows(reads.command, params(era)),
      );
      for await (const rows of slices) {
        const decision = await this.#decisionIn(rows, cursor, key, commandId);
        if (decision) return decision;
      }
    }
    return undefined;
  }

  async #decisionIn(
    rows: readonly Row[],
    { partition, next }: Cursor,
    key: number,
    commandId: string,
  ): Promise<ArchivedDecision | undefined> {
    for (const row of rows) {
      const bucket = { partition, next, bucket: Number(row['bucket']) };
      for (const place of placesIn([row], key, bucket)) {
        const part = await this.#part(bucket, place);
        const decision = part && this.#records.decision(part, commandId);
        if (decision) return decision;
      }
    }
    return undefined;
  }

  async #cursors(): Promise<Cursor[]> {
    const rows = await this.#session.rows(reads.cursors, []);
    return rows.map((row) => ({
      partition: Number(row['log_partition']),
      next: Number(row['next_offset']),
    }));
  }

  /** In order; without those that are wholly before `after`, or at other times. */
  async #eras(partition: number, query: Partial<EventQuery>): Promise<number[]> {
    const rows = await this.#session.rows(reads.eras, [partition]);
    return reaching(rows, 'era', partition, query);
  }

  async #buckets(cursor: Cursor, era: number, query: EventQuery): Promise<Bucket[]> {
    const { partition } = cursor;
    const within = [partition, BigInt(era)];
    const timed = query.from !== undefined || query.to !== undefined;
    const [hunts, all] = await Promise.all([
      this.#session.rows(reads.huntBuckets, [query.huntId, ...within]),
      timed ? this.#session.rows(reads.buckets, within) : undefined,
    ]);
    const present = reaching(hunts, 'bucket', partition, {
      ...query,
      from: undefined,
      to: undefined,
    });
    const inTime = all && new Set(reaching(all, 'bucket', partition, query));
    return present
      .filter((one) => inTime?.has(one) ?? true)
      .map((bucket) => ({ ...cursor, bucket }));
  }

  async #places(bucket: Bucket, key: number, query: EventQuery): Promise<PartPlace[]> {
    const params = [bucket.partition, BigInt(bucket.bucket), key % subjectShards];
    const rows = await this.#session.rows(reads.subject, params);
    const { from, to, after } = query;
    const places = placesIn(
      rows.filter((row) => overlaps(spanOf(row), from, to)),
      key,
      bucket,
    );
    if (after?.partition !== bucket.partition) return places;
    return places.filter(({ offset }) => offset >= after.offset);
  }

  async #part({ partition, bucket }: Bucket, place: PartPlace): Promise<PlacedRecord | undefined> {
    const { offset, index } = place;
    const params = [partition, BigInt(bucket), BigInt(offset), index];
    const [row] = await this.#session.rows(reads.part, params);
    if (row === undefined) return undefined;
    // Records start at a multiple of 8, a row of the driver's anywhere.
    const bytes = Uint8Array.from(row['bytes'] as Uint8Array);
    const firstEvent = Number(row['first_event']);
    return { partition, offset, bytes, firstDecision: index, firstEvent };
  }
}

async function* each<Item>(lists: AsyncIterable<readonly Item[]>): AsyncGenerator<Item> {
  for await (const list of lists) yield* list;
}

function spanOf(row: Row) {
  return { minAt: Number(row['min_at']), maxAt: Number(row['max_at']) };
}

/** Which of the eras or buckets in the rows reach beyond `after` and into the times asked for. */
function reaching(
  rows: readonly Row[],
  column: string,
  partition: number,
  {
    after,
    from,
    to,
  }: Pick<
    Partial<{ [Name in keyof EventQuery]: EventQuery[Name] | undefined }>,
    'after' | 'from' | 'to'
  >,
): number[] {
  const starts = rows.map((row) => Number(row[column]));
  return starts.filter((_, index) => {
    const next = starts[index + 1];
    if (after?.partition === partition && next !== undefined && next <= after.offset) return false;
    return (from === undefined && to === undefined) || overlaps(spanOf(rows[index]!), from, to);
  });
}

/** Each place once and in order: records that were written again may be found by several rows. */
function placesIn(rows: readonly Row[], key: number, { bucket, next }: Bucket): PartPlace[] {
  const places: PartPlace[] = [];
  for (const row of rows) {
    visitPostings(row['postings'] as Buffer, key, (delta, index) => {
      if (bucket + delta < next) places.push({ offset: bucket + delta, index });
    });
  }
  places.sort((one, other) => one.offset - other.offset || one.index - other.index);
  return places.filter(({ offset, index }, place) => {
    const before = places[place - 1];
    return before?.offset !== offset || before.index !== index;
  });
}

import { decisionRecordHeaderBytes } from 'veltrix';
import type { CassandraSession, Row } from './cassandra-session.ts';
import { reads } from './cql.ts';

/**
 * Visits the decision records of a partition from `from` up to, not including, `below`, whole and as
 * they were in the log, about a bucket's worth of them (8 MiB). Returns the offset to go on from;
 * `below` when there are no more.
 */
export async function readWholeRecords(
  session: CassandraSession,
  partition: number,
  from: number,
  below: number,
  visit: (offset: number, bytes: Uint8Array) => void,
): Promise<number> {
  const eras = startsOf(await session.rows(reads.eras, [partition]), 'era');
  for (const [era] of within(eras, from, below)) {
    const rows = await session.rows(reads.buckets, [partition, BigInt(era)]);
    for (const [bucket, end] of within(startsOf(rows, 'bucket'), from, below)) {
      const parts = await session.rows(reads.bucketRecords, [partition, BigInt(bucket)]);
      let visited = false;
      for (const [offset, bytes] of joined(parts)) {
        if (offset < from || offset >= below) continue;
        visited = true;
        visit(offset, bytes);
      }
      // The next bucket begins with the next record: nothing lies between.
      if (visited) return end;
    }
  }
  return below;
}

function startsOf(rows: readonly Row[], column: string): number[] {
  return rows.map((row) => Number(row[column]));
}

/** Runs that begin at the starts, each up to the next one, that reach into `from` to `below`. */
function within(starts: readonly number[], from: number, below: number): [number, number][] {
  return starts
    .map((start, index): [number, number] => [start, Math.min(starts[index + 1] ?? below, below)])
    .filter(([start, end]) => end > from && start < below);
}

/** The records of a bucket, each put together from its parts. */
function* joined(rows: readonly Row[]): Generator<[number, Uint8Array]> {
  const byOffset = Map.groupBy(rows, (row) => Number(row['record_offset']));
  for (const [offset, parts] of byOffset) {
    yield [offset, joinedRecord(parts.map((row) => row['bytes'] as Uint8Array))];
  }
}

/** Parts have the header of their record, with their own number of decisions. */
function joinedRecord(parts: readonly Uint8Array[]): Uint8Array {
  const bodies = parts.map((part) => part.subarray(decisionRecordHeaderBytes));
  const size = bodies.reduce((sum, { length }) => sum + length, decisionRecordHeaderBytes);
  const record = new Uint8Array(size);
  record.set(parts[0]!.subarray(0, decisionRecordHeaderBytes));
  let count = 0;
  let at = decisionRecordHeaderBytes;
  for (const [index, body] of bodies.entries()) {
    const { buffer, byteOffset } = parts[index]!;
    count += new DataView(buffer, byteOffset).getUint32(4, true);
    record.set(body, at);
    at += body.length;
  }
  new DataView(record.buffer).setUint32(4, count, true);
  return record;
}

import { BucketPortion } from './bucket-portion.ts';
import type { Statement } from './cassandra-session.ts';
import { writes } from './cql.ts';
import { afterRecord, type Placement, placeRecord, type Span, union } from './placement.ts';
import { commandPartitions, commandPlace, commandShards, subjectShards } from './shards.ts';

/** A batch is about this large, and of this many rows at most. */
const batchBytes = 256 * 1024;
const batchRows = 500;
const rowBytes = 80;

interface PlannedPortion {
  readonly portion: BucketPortion;
  /** Of what the append adds. */
  span: Span;
  /** With all of the bucket up to here. */
  placement: Placement;
}

/** What an append writes: first `groups`, in any order, then `cursor`, which makes them count. */
export interface AppendPlan {
  readonly placement: Placement;
  /** Statements of one Cassandra partition each. */
  groups(): Generator<readonly Statement[]>;
  readonly cursor: Statement;
}

/** Plans all of an append before any of it is written. Throws `veltrix-record-invalid`. */
export function planAppend(
  partition: number,
  before: Placement,
  records: readonly { readonly offset: number; readonly bytes: Uint8Array }[],
): AppendPlan {
  const planned: PlannedPortion[] = [];
  let placement = before;
  for (const record of records) {
    const { offset, bytes } = record;
    placement = placeRecord(placement, offset, bytes.length);
    let last = planned.at(-1);
    if (last?.portion.bucket !== placement.bucket) {
      const portion = new BucketPortion(partition, placement.bucket, placement.era);
      last = { portion, span: { minAt: Number.MAX_VALUE, maxAt: -Number.MAX_VALUE }, placement };
      planned.push(last);
    }
    const { commands, ...span } = last.portion.add({ partition, offset, bytes });
    placement = afterRecord(placement, record, commands, span);
    last.span = union(last.span, span);
    last.placement = placement;
  }
  return {
    placement,
    *groups() {
      for (const one of planned) yield* groupsOf(one);
    },
    cursor: cursorStatement(partition, placement),
  };
}

function* groupsOf({ portion, span, placement }: PlannedPortion): Generator<readonly Statement[]> {
  const { eraSpan, bucketSpan, nextOffset } = placement;
  const timestamp = BigInt(nextOffset);
  yield* batches(bucketRows(portion, span, timestamp));
  const { partition, bucket, era } = portion;
  const [eraId, bucketId] = [BigInt(era), BigInt(bucket)];
  for (const rows of commandRows(portion, timestamp)) yield* batches(rows);
  for (const hunt of portion.hunts) {
    yield [{ query: writes.hunt, params: [hunt, partition, eraId, bucketId], bytes: rowBytes }];
  }
  const eraParams = [partition, eraId, eraSpan.minAt, eraSpan.maxAt, timestamp];
  yield [{ query: writes.era, params: eraParams, bytes: rowBytes }];
  const bucketParams = [partition, eraId, bucketId, bucketSpan.minAt, bucketSpan.maxAt, timestamp];
  yield [{ query: writes.bucket, params: bucketParams, bytes: rowBytes }];
}

/** Rows that commands are found by, by the Cassandra partition they are in. */
function commandRows(portion: BucketPortion, timestamp: bigint): Statement[][] {
  const { partition, bucket, era } = portion;
  const byPartition: Statement[][] = Array.from({ length: commandPartitions }, () => []);
  for (const { shard, delta, index, bytes } of portion.commands.rows(commandShards)) {
    const [place, subshard] = commandPlace(shard);
    const row = [subshard, BigInt(bucket), BigInt(bucket + delta), index, bytes, timestamp];
    const params = [place, partition, BigInt(era), ...row];
    byPartition[place]!.push({ query: writes.command, params, bytes: bytes.length });
  }
  return byPartition;
}

/** Rows of the bucket's own Cassandra partition. */
function* bucketRows(portion: BucketPortion, span: Span, timestamp: bigint): Generator<Statement> {
  const { partition, bucket } = portion;
  const bucketId = BigInt(bucket);
  for (const { offset, firstDecision, firstEvent, bytes } of portion.parts) {
    // The driver takes a Buffer for a blob, and nothing else.
    const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const params = [partition, bucketId, BigInt(offset), firstDecision, firstEvent, blob];
    yield { query: writes.record, params, bytes: bytes.length };
  }
  for (const { shard, delta, index, bytes } of portion.subjects.rows(subjectShards)) {
    const offset = BigInt(bucket + delta);
    const place = [partition, bucketId, shard, offset, index];
    const params = [...place, span.minAt, span.maxAt, bytes, timestamp];
    yield { query: writes.subject, params, bytes: bytes.length };
  }
}

function* batches(statements: Iterable<Statement>): Generator<readonly Statement[]> {
  let batch: Statement[] = [];
  let bytes = 0;
  for (const statement of statements) {
    const full = batch.length >= batchRows || bytes + statement.bytes > batchBytes;
    if (full && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(statement);
    bytes += statement.bytes;
  }
  if (batch.length > 0) yield batch;
}

function cursorStatement(partition: number, placement: Placement): Statement {
  const next = BigInt(placement.nextOffset);
  const state = JSON.stringify(placement);
  return {
    query: writes.cursor,
    params: [partition, next, state, next],
    bytes: state.length,
  };
}

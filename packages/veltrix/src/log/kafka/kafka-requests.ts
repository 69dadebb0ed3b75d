import { type Connection, type Reader, Writer } from '@platformatic/kafka';
import { ByteCursor } from './byte-cursor.ts';

/*
 * The two requests of the hot path, written and read as bytes. Both name a topic by its id, so that a
 * topic that was deleted and made anew is never taken for the one that was opened.
 */
export const produceApi = { key: 0, version: 13 } as const;
export const fetchApi = { key: 1, version: 13 } as const;

type Callback<T> = (error: Error | null, answer?: T) => void;

export interface ProduceAnswer {
  /** Of the protocol; 0 when all is well. */
  readonly code: number;
  /** Of the first record. */
  readonly offset: number;
  readonly message: string;
}

/** Writes one batch to one partition; answered once all replicas in sync have it. */
export function produce(
  connection: Connection,
  topicId: string,
  partition: number,
  batch: Buffer,
  timeoutMs: number,
  done: Callback<ProduceAnswer>,
): void {
  const payload = () =>
    Writer.create()
      .appendString(null)
      .appendInt16(-1)
      .appendInt32(timeoutMs)
      .appendArray([topicId], (topics, id) => {
        topics.appendUUID(id).appendArray([partition], (partitions, index) => {
          partitions
            .appendInt32(index)
            .appendUnsignedVarInt(batch.length + 1)
            .append(batch);
        });
      })
      .appendTaggedFields();
  connection.send(produceApi.key, produceApi.version, payload, readProduced, true, true, done);
}

function readProduced(_id: number, _api: number, _version: number, reader: Reader): ProduceAnswer {
  const cursor = cursorOf(reader);
  if (cursor.count() !== 1) throw new Error('one topic was written, another number answered');
  cursor.skip(16);
  if (cursor.count() !== 1) throw new Error('one partition was written, another number answered');
  cursor.skip(4);
  const code = cursor.int16();
  const offset = cursor.int64();
  cursor.skip(16);
  for (let left = cursor.count(); left > 0; left--) {
    cursor.skip(4).bytes();
    cursor.tags();
  }
  return { code, offset, message: cursor.bytes().toString() };
}

export interface FetchQuestion {
  readonly topicId: string;
  readonly partition: number;
  readonly from: number;
  /** Leader epoch of the record before; -1 when it is not known. */
  readonly lastEpoch: number;
  readonly maxBytes: number;
}

export interface FetchAnswer {
  readonly topicId: string;
  readonly partition: number;
  readonly code: number;
  /** Offset above the last record that all replicas in sync have. */
  readonly end: number;
  readonly start: number;
  /** The log holds other records than those that were read before. */
  readonly diverged: boolean;
  readonly batches: Buffer;
}

/** Reads several partitions of one broker; waits up to `waitMs` for the first byte. */
export function fetch(
  connection: Connection,
  questions: readonly FetchQuestion[],
  waitMs: number,
  maxBytes: number,
  done: Callback<FetchAnswer[]>,
): void {
  const byTopic = Map.groupBy(questions, ({ topicId }) => topicId);
  const payload = () =>
    Writer.create()
      .appendInt32(-1)
      .appendInt32(waitMs)
      .appendInt32(1)
      .appendInt32(maxBytes)
      .appendInt8(0)
      .appendInt32(0)
      .appendInt32(-1)
      .appendArray([...byTopic], (topics, [topicId, asked]) => {
        topics.appendUUID(topicId).appendArray(asked, (partitions, question) => {
          partitions
            .appendInt32(question.partition)
            .appendInt32(-1)
            .appendInt64(BigInt(question.from))
            .appendInt32(question.lastEpoch)
            .appendInt64(-1n)
            .appendInt32(question.maxBytes);
        });
      })
      .appendArray([], () => {})
      .appendString('')
      .appendTaggedFields();
  connection.send(fetchApi.key, fetchApi.version, payload, readFetched, true, true, done);
}

function readFetched(_id: number, _api: number, _version: number, reader: Reader): FetchAnswer[] {
  const cursor = cursorOf(reader);
  cursor.skip(4);
  const code = cursor.int16();
  if (code !== 0) throw new Error(`the broker answered with error ${code}`);
  cursor.skip(4);
  const answers: FetchAnswer[] = [];
  for (let topics = cursor.count(); topics > 0; topics--) {
    const topicId = uuid(cursor);
    for (let partitions = cursor.count(); partitions > 0; partitions--) {
      answers.push(readPartition(cursor, topicId));
    }
    cursor.tags();
  }
  return answers;
}

function readPartition(cursor: ByteCursor, topicId: string): FetchAnswer {
  const partition = cursor.int32();
  const code = cursor.int16();
  const end = cursor.int64();
  cursor.skip(8);
  const start = cursor.int64();
  for (let left = cursor.count(); left > 0; left--) cursor.skip(16).tags();
  cursor.skip(4);
  const batches = cursor.bytes();
  let diverged = false;
  cursor.tags((tag) => {
    diverged ||= tag === 0;
  });
  return { topicId, partition, code, end, start, diverged, batches };
}

function uuid(cursor: ByteCursor): string {
  const hex = cursor.raw(16).toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

function cursorOf(reader: Reader): ByteCursor {
  const { buffer } = reader.buffer;
  return new ByteCursor(buffer.subarray(reader.position));
}

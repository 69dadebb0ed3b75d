import { ByteCursor } from './byte-cursor.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Done, KafkaConnection } from './kafka-connection.ts';

/*
 * The two requests of the hot path, written and read as bytes. Both name a topic by its id, so that a
 * topic that was deleted and made anew is never taken for the one that was opened.
 */
export const produceApi = { key: 0, version: 13 } as const;
export const fetchApi = { key: 1, version: 13 } as const;

export interface ProduceAnswer {
  /** Of the protocol; 0 when all is well. */
  readonly code: number;
  /** Of the first record. */
  readonly offset: number;
  readonly message: string;
}

/** No tagged fields of the partition, of the topic, of the request. */
const endOfProduce = Buffer.alloc(3);

/** Writes one batch to one partition; answered once all replicas in sync have it. */
export function produce(
  connection: KafkaConnection,
  topicId: string,
  partition: number,
  batch: Buffer,
  timeoutMs: number,
  done: Done<ProduceAnswer>,
): void {
  const write = (into: ByteWriter) => {
    into.varint(0).int16(-1).int32(timeoutMs);
    into.count(1).uuid(topicId).count(1).int32(partition);
    into.varint(batch.length + 1);
  };
  const body = [batch, endOfProduce];
  connection.exchange({ kind: produceApi, write, body, parse: readProduced }, done);
}

function readProduced(bytes: Buffer): ProduceAnswer {
  const cursor = new ByteCursor(bytes);
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
  /** Copies the bytes of the answer, which are borrowed; into a fresh buffer unless given. */
  readonly keep?: (bytes: Buffer) => Buffer;
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
  connection: KafkaConnection,
  questions: readonly FetchQuestion[],
  waitMs: number,
  maxBytes: number,
  done: Done<FetchAnswer[]>,
): void {
  const byTopic = Map.groupBy(questions, ({ topicId }) => topicId);
  const write = (into: ByteWriter) => {
    into.int32(-1).int32(waitMs).int32(1).int32(maxBytes).int8(0).int32(0).int32(-1);
    into.count(byTopic.size);
    for (const [topicId, asked] of byTopic) {
      into.uuid(topicId).count(asked.length);
      for (const { partition, from, lastEpoch, maxBytes } of asked) {
        into.int32(partition).int32(-1).int64(from).int32(lastEpoch).int64(-1).int32(maxBytes);
        into.tags();
      }
      into.tags();
    }
    // Of a fetch session, nothing is forgotten; no rack.
    into.count(0).count(0).tags();
  };
  const inOrder = [...byTopic.values()].flat();
  const parse = (bytes: Buffer) => readFetched(bytes, inOrder);
  connection.exchange({ kind: fetchApi, write, parse }, done);
}

function readFetched(bytes: Buffer, questions: readonly FetchQuestion[]): FetchAnswer[] {
  const cursor = new ByteCursor(bytes);
  cursor.skip(4);
  const code = cursor.int16();
  if (code !== 0) throw new Error(`the broker answered with error ${code}`);
  cursor.skip(4);
  const answers: FetchAnswer[] = [];
  for (let topics = cursor.count(); topics > 0; topics--) {
    const topicId = uuid(cursor);
    for (let partitions = cursor.count(); partitions > 0; partitions--) {
      answers.push(readPartition(cursor, topicId, questions, answers.length));
    }
    cursor.tags();
  }
  return answers;
}

function readPartition(
  cursor: ByteCursor,
  topicId: string,
  questions: readonly FetchQuestion[],
  place: number,
): FetchAnswer {
  const partition = cursor.int32();
  const code = cursor.int16();
  const end = cursor.int64();
  cursor.skip(8);
  const start = cursor.int64();
  for (let left = cursor.count(); left > 0; left--) cursor.skip(16).tags();
  cursor.skip(4);
  const arrived = cursor.bytes();
  const isMine = (asked: FetchQuestion | undefined) =>
    asked?.partition === partition && asked.topicId === topicId;
  // Brokers answer in the order of the question, though nothing says that they have to.
  const question = isMine(questions[place]) ? questions[place] : questions.find(isMine);
  const batches = question?.keep ? question.keep(arrived) : Buffer.from(arrived);
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

import { deleteRecordsV2, listOffsetsV7 } from '@platformatic/kafka';
import type { LogBounds } from '../shared-log.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { answerIn, codeName, kafkaCode } from './kafka-codes.ts';

/** Stand for a time in a question for an offset. */
const earliest = -2n;
const latest = -1n;

/** First offset kept, and the offset above the last record that all replicas in sync have. */
export async function readBounds(
  brokers: KafkaBrokers,
  topic: string,
  partition: number,
): Promise<LogBounds> {
  const [start, end] = await Promise.all([
    offsetAt(brokers, topic, partition, earliest),
    offsetAt(brokers, topic, partition, latest),
  ]);
  return { start, end };
}

async function offsetAt(
  brokers: KafkaBrokers,
  topic: string,
  partition: number,
  timestamp: bigint,
): Promise<number> {
  type Answer = Awaited<ReturnType<typeof listOffsetsV7.api.async>>;
  const asked = { partitionIndex: partition, currentLeaderEpoch: -1, timestamp };
  const { topics } = await brokers
    .ask<Answer>(leaderOf(brokers, topic, partition), 'control', (connection, done) =>
      listOffsetsV7.api(connection, -1, 0, [{ name: topic, partitions: [asked] }], done),
    )
    .catch((error: unknown) => answerIn<Answer>(error));
  const found = topics[0]?.partitions[0];
  if (found?.errorCode === kafkaCode.none) return Number(found.offset);
  throw new Error(codeName(found?.errorCode ?? -1));
}

/** Lets go of all records below an offset, at most up to the end. */
export async function deleteRecords(
  brokers: KafkaBrokers,
  topic: string,
  partition: number,
  offset: number,
): Promise<void> {
  type Answer = Awaited<ReturnType<typeof deleteRecordsV2.api.async>>;
  const asked = { partitionIndex: partition, offset: BigInt(offset) };
  const timeoutMs = Math.floor(brokers.requestTimeoutMs / 2);
  const { topics } = await brokers
    .ask<Answer>(leaderOf(brokers, topic, partition), 'control', (connection, done) =>
      deleteRecordsV2.api(connection, [{ name: topic, partitions: [asked] }], timeoutMs, done),
    )
    .catch((error: unknown) => answerIn<Answer>(error));
  const code = topics[0]?.partitions[0]?.errorCode ?? -1;
  if (code !== kafkaCode.none) throw new Error(codeName(code));
}

function leaderOf(brokers: KafkaBrokers, topic: string, partition: number): number {
  const leader = brokers.leaderOf(topic, partition);
  if (leader === undefined) throw new Error('no broker leads it');
  return leader;
}

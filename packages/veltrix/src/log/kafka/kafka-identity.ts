import { veltrixErrors } from '../../errors.ts';
import { encodeIdentityRecord } from '../embedded/journal-format.ts';
import type { LogIdentity, Stream } from '../log.ts';
import { BatchBuilder } from './batch-builder.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { codeName, kafkaCode } from './kafka-codes.ts';
import { identityLabelOf, readLabel } from './kafka-label.ts';
import { readBounds } from './kafka-offsets.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { type FetchAnswer, fetch } from './kafka-requests.ts';
import { readBatches } from './record-batch.ts';

/** Enough for the records 0 of all processes that made a log at the same time. */
const headBytes = 16_384;

/** A stream of a partition: one partition of one of the two topics. */
export interface StreamPlace {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly stream: Stream;
}

interface Head {
  readonly place: StreamPlace;
  /** Of the first batch that is kept; undefined when there is none. */
  readonly identity: LogIdentity | undefined;
  /** Something was appended, or let go of. */
  readonly isUsed: boolean;
}

export interface IdentityWish {
  readonly partitionCount: number;
  readonly dedupeWindow: number;
  readonly newLogId: () => string;
}

/**
 * The identity of a log, from what is first in each partition; of a new log, one that is written now.
 * Processes that make it at the same time agree: the first record 0 of the commands of partition 0
 * decides. Throws `veltrix-log-identity-mismatch`, `veltrix-log-recreated`, and the client's errors.
 */
export async function settleIdentity(
  brokers: KafkaBrokers,
  prefix: string,
  places: readonly StreamPlace[],
  wish: IdentityWish,
): Promise<LogIdentity> {
  let heads = await Promise.all(places.map((place) => readHead(brokers, place)));
  if (heads.some(({ identity }) => !identity)) {
    checkMissing(heads);
    const [first] = heads;
    if (!first!.identity) {
      const { partitionCount, dedupeWindow } = wish;
      const proposed = { logId: wish.newLogId(), partitionCount, dedupeWindow };
      await writeIdentity(brokers, first!.place, proposed);
    }
    const decided = (await readHead(brokers, first!.place)).identity;
    if (!decided) throw new Error('the record that was just written cannot be read yet');
    checkIdentity(prefix, decided, wish);
    const missing = heads.filter(({ identity, place }) => !identity && place !== first!.place);
    await Promise.all(missing.map(({ place }) => writeIdentity(brokers, place, decided)));
    heads = await Promise.all(places.map((place) => readHead(brokers, place)));
  }
  const identity = heads[0]?.identity;
  if (!identity) throw new Error('the records that were just written cannot be read yet');
  checkIdentity(prefix, identity, wish);
  for (const { place, identity: other } of heads) {
    if (other?.logId === identity.logId) continue;
    const { partition, stream } = place;
    const reason = other ? `it belongs to log ${other.logId}` : 'it is empty';
    throw veltrixErrors.create('veltrix-log-recreated', { partition, stream, reason });
  }
  return identity;
}

/** What record 0 of a place says; undefined while there is none. Throws `veltrix-log-recreated`, and the client's errors. */
export async function readIdentity(
  brokers: KafkaBrokers,
  place: StreamPlace,
): Promise<LogIdentity | undefined> {
  return (await readHead(brokers, place)).identity;
}

/** Nothing is appended before all partitions have their record 0: one that has none beside used ones was lost. */
function checkMissing(heads: readonly Head[]): void {
  const used = heads.find(({ isUsed }) => isUsed);
  const empty = heads.find(({ identity }) => !identity);
  const first = heads[0]!;
  const orphan = !first.identity && heads.some(({ identity }) => identity);
  if (!empty || !(used || orphan)) return;
  const { partition, stream } = empty.place;
  const reason = 'it is empty, while other partitions of the log hold records';
  throw veltrixErrors.create('veltrix-log-recreated', { partition, stream, reason });
}

function checkIdentity(prefix: string, found: LogIdentity, wish: IdentityWish): void {
  for (const field of ['partitionCount', 'dedupeWindow'] as const) {
    if (found[field] === wish[field]) continue;
    const directory = `topics ${prefix}.*`;
    const details = { directory, field, found: found[field], expected: wish[field] };
    throw veltrixErrors.create('veltrix-log-identity-mismatch', details);
  }
}

async function readHead(brokers: KafkaBrokers, place: StreamPlace): Promise<Head> {
  const { topic, topicId, partition, stream } = place;
  const { start, end } = await readBounds(brokers, topic, partition);
  if (end === 0) return { place, identity: undefined, isUsed: false };
  const leader = brokers.leaderOf(topic, partition) ?? -1;
  const question = { topicId, partition, from: start, lastEpoch: -1, maxBytes: headBytes };
  const [answer] = await brokers.ask<FetchAnswer[]>(leader, 'control', (connection, done) =>
    fetch(connection, [question], 0, headBytes, done),
  );
  const code = answer?.code ?? -1;
  if (code !== kafkaCode.none) throw new Error(codeName(code));
  let identity: LogIdentity | undefined;
  let isUsed = start > 0;
  readBatches(answer!.batches, (batch) => {
    const label = readLabel(batch.label);
    const reason =
      typeof label === 'string'
        ? label
        : label.partition === partition
          ? undefined
          : `it holds records of partition ${label.partition}`;
    if (typeof label === 'string' || reason) {
      const details = { partition, stream, reason: `topic ${topic}: ${reason}` };
      throw veltrixErrors.create('veltrix-log-recreated', details);
    }
    identity ??= label.identity;
    isUsed ||= !label.isIdentity;
    return true;
  });
  return { place, identity, isUsed };
}

async function writeIdentity(
  brokers: KafkaBrokers,
  place: StreamPlace,
  identity: LogIdentity,
): Promise<void> {
  const { topic, topicId, partition } = place;
  const label = identityLabelOf(identity, partition);
  const producer = new KafkaProducer({ brokers, topic, topicId, partition }, partition);
  const batch = new BatchBuilder(label).add(encodeIdentityRecord(identity, partition));
  const sent = await producer.send(batch);
  if (!('offset' in sent)) throw new Error(sent.reason);
}

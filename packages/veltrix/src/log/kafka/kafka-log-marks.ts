import { decodeLogMark, encodeLogMark, type LogMark, type LogMarks } from '../log-mark.ts';
import { SpareBuffers } from './batch-builder.ts';
import { type KafkaAccess, KafkaBrokers } from './kafka-brokers.ts';
import { KeyWriter, readLatest } from './kafka-checkpoint-topic.ts';
import { readBounds } from './kafka-offsets.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { ensureTopics } from './kafka-topics.ts';
import type { BatchLabel } from './record-batch.ts';
import { untilReachable } from './until-reachable.ts';

export interface KafkaLogMarksOptions extends KafkaAccess {
  /** `kafka.prefix`: the mark stands in the topic `<prefix>.migration`. */
  readonly prefix: string;
  /** `kafka.replication`. Default 3. */
  readonly replication?: number;
  /** `kafka.minInSync`. Default 2, at most `replication`. */
  readonly minInSync?: number;
  /** `kafka.openTimeoutMs`: how long to wait for the brokers, each time. Default 60,000. */
  readonly openTimeoutMs?: number;
}

export interface KafkaLogMarks extends LogMarks {
  /**
   * What the topics of the log hold: none is there, they were made and nothing was ever written to them,
   * or something is in them, be it only which log they are.
   */
  topics(): Promise<'missing' | 'empty' | 'used'>;
  close(): void;
}

const key = 'mark';
const label: BatchLabel = { name: 'veltrix-mark', value: new Uint8Array(0) };
const writeTimeoutMs = 30_000;
/** A mark is written a few times in the life of a log. */
const noSpares = new SpareBuffers(0, 0);

/** The topic in which the mark of a log stands. */
export function markTopic(prefix: string): string {
  return `${prefix}.migration`;
}

/** The mark of a log, by the brokers that are known. Throws the client's errors, `veltrix-log-mark-invalid`. */
export async function readKafkaMark(
  brokers: KafkaBrokers,
  prefix: string,
  place: string,
): Promise<LogMark | undefined> {
  const topic = markTopic(prefix);
  const view = await brokers.refresh();
  const topicId = view.topics.get(topic)?.topicId;
  if (topicId === undefined) return undefined;
  const bytes = (await readLatest(brokers, topic, topicId, 0)).get(key);
  return bytes && decodeLogMark(Buffer.from(bytes).toString(), place);
}

/** Where a log on Kafka is, for people. */
export function kafkaPlace({ bootstrap }: KafkaAccess, prefix: string): string {
  return `topics ${prefix}.* at ${bootstrap.join(',')}`;
}

/**
 * The mark of the log with a prefix, whether or not that log is there yet. Waits for the brokers.
 * Rejects with `veltrix-kafka-unreachable`, `-not-kafka`, `-credentials`, `-too-old`.
 */
export async function openKafkaLogMarks(options: KafkaLogMarksOptions): Promise<KafkaLogMarks> {
  const { prefix, openTimeoutMs = 60_000 } = options;
  const streams = ['commands', 'events'].map((stream) => `${prefix}.${stream}`);
  const brokers = new KafkaBrokers(options, [markTopic(prefix), ...streams]);
  const patiently = <T>(work: () => Promise<T>) => untilReachable(options, openTimeoutMs, work);
  try {
    await patiently(() => brokers.check());
  } catch (error) {
    brokers.close();
    throw error;
  }
  const place = kafkaPlace(options, prefix);
  return {
    place,
    read: () => patiently(() => readKafkaMark(brokers, prefix, place)),
    write: (mark) => patiently(() => writeMark(brokers, options, mark)),
    topics: () => patiently(() => contentOf(brokers, streams)),
    close: () => brokers.close(),
  };
}

async function writeMark(
  brokers: KafkaBrokers,
  { prefix, replication = 3, minInSync = Math.min(2, replication) }: KafkaLogMarksOptions,
  mark: LogMark,
): Promise<void> {
  const topic = markTopic(prefix);
  const settings = {
    'unclean.leader.election.enable': 'false',
    'min.insync.replicas': minInSync,
  };
  const view = await ensureTopics(brokers, [
    { name: topic, partitions: 1, replication, cleanup: 'compact', settings },
  ]);
  const topicId = view.topics.get(topic)?.topicId ?? '';
  const producer = new KafkaProducer({ brokers, topic, topicId, partition: 0 }, 0);
  const writer = new KeyWriter(producer, label, writeTimeoutMs, noSpares);
  await new Promise<void>((resolve, reject) => {
    writer.write(key, Buffer.from(encodeLogMark(mark)), (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

async function contentOf(
  brokers: KafkaBrokers,
  streams: readonly string[],
): Promise<'missing' | 'empty' | 'used'> {
  const { topics } = await brokers.refresh();
  let content: 'missing' | 'empty' = 'missing';
  for (const topic of streams) {
    const places = topics.get(topic)?.partitions ?? [];
    for (const partition of places.keys()) {
      content = 'empty';
      if ((await readBounds(brokers, topic, partition)).end > 0) return 'used';
    }
  }
  return content;
}

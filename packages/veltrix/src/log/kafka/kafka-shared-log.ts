import { randomBytes } from 'node:crypto';
import type { LogIdentity, Stream } from '../log.ts';
import { refuseMarked } from '../log-mark.ts';
import type { SharedLog, SharedPartition } from '../shared-log.ts';
import { SpareBuffers } from './batch-builder.ts';
import { type KafkaAccess, KafkaBrokers } from './kafka-brokers.ts';
import { type IdentityWish, type StreamPlace, settleIdentity } from './kafka-identity.ts';
import { kafkaPlace, markTopic, readKafkaMark } from './kafka-log-marks.ts';
import { KafkaPartition, type PartitionLimits } from './kafka-partition.ts';
import { KafkaReader } from './kafka-reader.ts';
import { ensureTopics } from './kafka-topics.ts';
import { logTopicPlans } from './log-topics.ts';
import { untilReachable } from './until-reachable.ts';

export interface KafkaLogOptions extends KafkaAccess {
  /** `kafka.prefix`: the topics are `<prefix>.commands` and `<prefix>.events`. */
  readonly prefix: string;
  /** Pinned when the log is made. At most 4,096. */
  readonly partitionCount: number;
  /** Pinned when the log is made. A power of two. */
  readonly dedupeWindow: number;
  /** `kafka.replication`: replicas of each record. Default 3. */
  readonly replication?: number;
  /** `kafka.minInSync`: replicas that must have a record before it is acknowledged. Default 2, at most `replication`. */
  readonly minInSync?: number;
  /** Makes the id of a new log: 32 hexadecimal digits. Default random. */
  readonly newLogId?: () => string;
  /** Opens it whatever a migration has marked it with: for the migration itself. */
  readonly duringMigration?: boolean;
  /** `kafka.openTimeoutMs`: how long to wait for the brokers. Default 60,000. */
  readonly openTimeoutMs?: number;
  /** `log.recordMaxBytes`. Default 8 MiB. */
  readonly recordMaxBytes?: number;
  /** `log.inflightMaxBytes`, of each stream of a partition. Default 64 MiB. */
  readonly inflightMaxBytes?: number;
  /** `log.appendTimeoutMs`: what has no answer by then is given up. Default 30,000. */
  readonly appendTimeoutMs?: number;
  /** `log.followMaxBytes`: what is fetched for a follower and not shown yet; asked for in halves. Default 1 MiB. */
  readonly followMaxBytes?: number;
  /** `kafka.batchMaxBytes`: records that wait go together up to this. Default 1 MiB. */
  readonly batchMaxBytes?: number;
  /** `kafka.fetchWaitMs`: how long a broker may hold a question when nothing is new. Default 100. */
  readonly fetchWaitMs?: number;
  /** `kafka.fetchMaxBytes`: about the most that one answer of a broker brings. Default 16 MiB. */
  readonly fetchMaxBytes?: number;
}

const streams: readonly Stream[] = ['commands', 'events'];
/** Kept for batches to come, of all partitions together. */
const spareBuffers = 8;

/**
 * Opens the log on topics `<prefix>.commands` and `<prefix>.events`, or makes them. Waits for brokers
 * that do not answer yet. Nothing is written to topics that are not as they have to be.
 *
 * Rejects with `veltrix-kafka-unreachable`, `-not-kafka`, `-credentials`, `-too-old`,
 * `-partition-count`, `-under-replicated`, `-compacted`, `-retention`, `-topic-setting`,
 * `veltrix-log-identity-mismatch`, `veltrix-log-recreated`, `veltrix-log-filling`, `veltrix-log-moved`,
 * `veltrix-log-mark-invalid`.
 */
export async function openKafkaSharedLog(options: KafkaLogOptions): Promise<SharedLog> {
  const limits = checkedLimits(options);
  const topics = streams.map((stream) => `${options.prefix}.${stream}`);
  const brokers = new KafkaBrokers(options, [...topics, markTopic(options.prefix)]);
  try {
    const { openTimeoutMs = 60_000 } = options;
    return await untilReachable(options, openTimeoutMs, () => open(brokers, options, limits));
  } catch (error) {
    brokers.close();
    throw error;
  }
}

/** Defaults in place of what is not given. */
export function checkedLimits(options: KafkaLogOptions): PartitionLimits {
  const {
    recordMaxBytes = 8 << 20,
    inflightMaxBytes = 64 << 20,
    appendTimeoutMs = 30_000,
    followMaxBytes = 1 << 20,
    batchMaxBytes = 1 << 20,
    partitionCount,
    dedupeWindow,
    prefix,
  } = options;
  if (!/^[a-zA-Z0-9._-]{1,200}$/.test(prefix)) throw new RangeError(`prefix is ${prefix}`);
  if (
    !(Number.isInteger(partitionCount) && partitionCount >= 1 && partitionCount <= 4096) ||
    !(Number.isInteger(Math.log2(dedupeWindow)) && dedupeWindow <= 2 ** 31) ||
    recordMaxBytes > inflightMaxBytes
  ) {
    throw new RangeError(
      `partitionCount ${partitionCount}, dedupeWindow ${dedupeWindow}, recordMaxBytes ${recordMaxBytes}, inflightMaxBytes ${inflightMaxBytes}`,
    );
  }
  return { recordMaxBytes, inflightMaxBytes, appendTimeoutMs, followMaxBytes, batchMaxBytes };
}

async function open(
  brokers: KafkaBrokers,
  options: KafkaLogOptions,
  limits: PartitionLimits,
): Promise<SharedLog> {
  const { prefix, partitionCount, dedupeWindow } = options;
  const { batchMaxBytes } = limits;
  await brokers.check();
  const refuseMigrating = async () => {
    if (options.duringMigration) return;
    const place = kafkaPlace(options, prefix);
    refuseMarked(place, await readKafkaMark(brokers, prefix, place));
  };
  await refuseMigrating();
  const view = await ensureTopics(brokers, logTopicPlans({ ...options, ...limits }));
  const places = Array.from({ length: partitionCount }, (_, partition) =>
    streams.map((stream): StreamPlace => {
      const topic = `${prefix}.${stream}`;
      return { topic, topicId: view.topics.get(topic)?.topicId ?? '', partition, stream };
    }),
  );
  const wish: IdentityWish = {
    partitionCount,
    dedupeWindow,
    newLogId: options.newLogId ?? (() => randomBytes(16).toString('hex')),
  };
  const identity = await settleIdentity(brokers, prefix, places.flat(), wish);
  // One that began meanwhile has put its mark there before it made the topics that were just opened.
  await refuseMigrating();
  const { fetchWaitMs = 100, fetchMaxBytes = 16 << 20 } = options;
  const reader = new KafkaReader(brokers, fetchWaitMs, fetchMaxBytes);
  const spares = new SpareBuffers(spareBuffers, 2 * batchMaxBytes);
  const partitions = places.map(([commands, events], partition) => {
    const place = { commands: commands!, events: events! };
    return new KafkaPartition({
      ...{ brokers, reader, spares, identity, partition, limits },
      places: place,
    });
  });
  return new KafkaSharedLog(identity, brokers, partitions);
}

class KafkaSharedLog implements SharedLog {
  readonly identity: LogIdentity;
  readonly #brokers: KafkaBrokers;
  readonly #partitions: readonly KafkaPartition[];

  constructor(identity: LogIdentity, brokers: KafkaBrokers, partitions: readonly KafkaPartition[]) {
    this.identity = identity;
    this.#brokers = brokers;
    this.#partitions = partitions;
  }

  partition(partition: number): SharedPartition {
    const found = this.#partitions[partition];
    if (!found) throw new RangeError(`partition ${partition} of ${this.identity.partitionCount}`);
    return found;
  }

  close(done: (error?: Error) => void): void {
    for (const partition of this.#partitions) partition.close();
    this.#brokers.close();
    setImmediate(done);
  }
}

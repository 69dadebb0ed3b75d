import { batchMaxOverhead, recordMaxOverhead } from './batch-builder.ts';
import { pieceBatchMaxBytes } from './kafka-checkpoint-topic.ts';
import { logTopic, type TopicPlan } from './kafka-topics.ts';

export interface LogTopicsOptions {
  readonly prefix: string;
  readonly partitionCount: number;
  readonly replication?: number;
  readonly minInSync?: number;
  readonly recordMaxBytes: number;
  readonly batchMaxBytes: number;
}

/** The commands and the events of a log as they have to be. */
export function logTopicPlans(options: LogTopicsOptions): readonly TopicPlan[] {
  const { prefix, partitionCount, replication = 3, recordMaxBytes, batchMaxBytes } = options;
  const { minInSync = Math.min(2, replication) } = options;
  const messageMaxBytes =
    Math.max(recordMaxOverhead(recordMaxBytes), batchMaxBytes) + batchMaxOverhead;
  return ['commands', 'events'].map((stream) =>
    logTopic(`${prefix}.${stream}`, partitionCount, replication, minInSync, messageMaxBytes),
  );
}

/** The topic of the checkpoints as it has to be. */
export function checkpointTopicPlan({
  prefix,
  partitionCount,
  replication = 3,
  minInSync = Math.min(2, replication),
}: Omit<LogTopicsOptions, 'recordMaxBytes' | 'batchMaxBytes'>): TopicPlan {
  return {
    ...{ name: `${prefix}.checkpoints`, partitions: partitionCount, replication },
    cleanup: 'compact',
    settings: {
      'unclean.leader.election.enable': 'false',
      'min.insync.replicas': minInSync,
      'max.message.bytes': pieceBatchMaxBytes + batchMaxOverhead,
    },
    advice: { 'segment.bytes': 64 << 20, 'min.cleanable.dirty.ratio': '0.2' },
  };
}

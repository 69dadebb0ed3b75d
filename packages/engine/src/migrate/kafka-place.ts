import path from 'node:path';
import {
  type KafkaLogMarksOptions,
  openKafkaLogMarks,
  openKafkaSharedLog,
  openKafkaStateStores,
} from 'veltrix/kafka';
import { readPresentNodes } from 'veltrix/zookeeper';
import { readClusterConfig } from '../cluster/cluster-config.ts';
import { kafkaLogOptions } from '../cluster/kafka-access.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { ClusterPlace } from './cluster-place.ts';

/** Long enough for a broker that is just starting; then the servers are not there. */
const openTimeoutMs = 60_000;
const fullCheckpointEvery = 16;

/** A migration is no node, and the file of a cluster need not name one. */
const noNode = { node: 'migrate', address: '127.0.0.1:1' };

/**
 * The cluster of a file, on Kafka and ZooKeeper. Rejects with `engine-cluster-config-invalid`,
 * `engine-cluster-config-unknown`, and what Kafka refuses.
 */
export async function openKafkaPlace(
  file: string,
  settings: ProcessorSettings,
): Promise<ClusterPlace> {
  const config = await readClusterConfig(file, noNode);
  const { node: clientId, partitions, dedupeWindow, kafka, zookeeper } = config;
  const access: KafkaLogMarksOptions = { ...kafka, clientId, openTimeoutMs };
  const marks = await openKafkaLogMarks(access);
  const logOptions = { ...kafkaLogOptions(config, settings), openTimeoutMs };
  return {
    ...{ partitionCount: partitions, dedupeWindow, marks },
    files: {
      identity: config.identity.database,
      secret: path.join(config.secrets, 'secret'),
      organiserKey: path.join(config.secrets, 'organiser.key'),
    },
    content: () => marks.topics(),
    openLog: (logId) =>
      openKafkaSharedLog({ ...logOptions, newLogId: () => logId, duringMigration: true }),
    openStores: (identity) =>
      openKafkaStateStores({ ...access, identity, fullEvery: fullCheckpointEvery }),
    nodes: (plan) => readPresentNodes({ ...zookeeper, plan }),
    close: () => marks.close(),
  };
}

import {
  type KafkaLogMarksOptions,
  openKafkaLogMarks,
  openKafkaSharedLog,
  openKafkaStateStores,
} from 'veltrix/kafka';
import { readPresentNodes } from 'veltrix/zookeeper';
import { readClusterConfig } from '../cluster/cluster-config.ts';
import { kafkaLogOptions } from '../cluster/kafka-access.ts';
import { cassandraPlace } from '../cluster/open-cluster-identity.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { ClusterPlace } from './cluster-place.ts';
import { secretsOf } from './deployment-files.ts';
import { peopleKeyspace } from './people-keyspace.ts';
import { peopleFile } from './people-place.ts';

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
  const { node: clientId, partitions, dedupeWindow, kafka, zookeeper, identity } = config;
  const access: KafkaLogMarksOptions = { ...kafka, clientId, openTimeoutMs };
  const marks = await openKafkaLogMarks(access);
  const logOptions = { ...kafkaLogOptions(config, settings), openTimeoutMs };
  return {
    ...{ partitionCount: partitions, dedupeWindow, marks },
    people:
      'address' in identity
        ? peopleFile(identity.database)
        : peopleKeyspace({ ...cassandraPlace(config.cassandra), keyspace: identity.keyspace }),
    secrets: secretsOf(config.secrets),
    content: () => marks.topics(),
    openLog: (logId) =>
      openKafkaSharedLog({ ...logOptions, newLogId: () => logId, duringMigration: true }),
    openStores: (identity) =>
      openKafkaStateStores({ ...access, identity, fullEvery: fullCheckpointEvery }),
    nodes: (plan) => readPresentNodes({ ...zookeeper, plan }),
    close: () => marks.close(),
  };
}

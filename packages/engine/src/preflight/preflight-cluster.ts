import type { Logger } from 'pino';
import type { ClusterConfig } from '../cluster/cluster-config.ts';
import { kafkaLogOptions } from '../cluster/kafka-access.ts';
import { processorSettings, type SettingsSource, type SettingValues } from '../engine-settings.ts';
import { allRules } from './all-rules.ts';
import { enforce, startRules } from './enforce.ts';
import type { Facts } from './facts.ts';
import { judge, type PreflightReport } from './judge.ts';
import { cassandraFacts } from './probes/cassandra-probe.ts';
import { certificateFacts } from './probes/certificate-probe.ts';
import { kafkaFacts } from './probes/kafka-probe.ts';
import { machineFacts } from './probes/machine-probe.ts';
import { redisFacts } from './probes/redis-probe.ts';
import { settingFacts } from './probes/settings-probe.ts';
import { zooKeeperFacts } from './probes/zookeeper-probe.ts';
import type { Rule } from './rule.ts';

export interface ClusterPreflightOptions {
  readonly config: ClusterConfig;
  readonly settings: Pick<SettingsSource, 'values' | 'placeOf'>;
  /** For each server, in milliseconds. */
  readonly timeoutMs: number;
}

/** What asks each server; tests have others. */
const serverProbes = {
  kafka: kafkaFacts,
  zooKeeper: zooKeeperFacts,
  redis: redisFacts,
  cassandra: cassandraFacts,
};

/**
 * One node of a cluster, its machine, and the servers that its roles use: all at once, but Kafka after Cassandra, since
 * the others go on writing while this asks, and what is archived must not seem to be ahead of the log. Writes nothing to
 * any of them. Never rejects for what they say or do not say.
 */
export async function preflightCluster(
  { config, settings, timeoutMs }: ClusterPreflightOptions,
  rules: readonly Rule[] = allRules,
  probes: typeof serverProbes = serverProbes,
): Promise<PreflightReport> {
  const { partitions, dedupeWindow } = config;
  const { recordMaxBytes, inflightMaxBytes } = processorSettings(settings.values as SettingValues);
  const log = kafkaLogOptions(config, { recordMaxBytes, inflightMaxBytes });
  // What no role of the node uses is none of its business.
  const hasViews = config.roles.some((role) => role === 'gateway' || role === 'views');
  const hasArchive = hasViews || config.roles.includes('archiver');
  const archived = hasArchive ? probes.cassandra(config, timeoutMs) : Promise.resolve({});
  const servers: Facts[] = await Promise.all<Facts>([
    archived,
    archived.then(() => probes.kafka(log, timeoutMs)),
    probes.zooKeeper(config, timeoutMs),
    ...(hasViews ? [probes.redis(config, timeoutMs)] : []),
  ]);
  const source = 'the cluster file';
  return judge(rules, {
    ...settingFacts(settings),
    ...machineFacts(),
    deployment: { value: { kind: 'cluster', partitions, dedupeWindow, source } },
    cluster: { value: config },
    ...certificateFacts(config, settings.values),
    ...Object.assign({}, ...servers),
  });
}

/** A node that starts does not wait longer for servers that may come later. */
const startTimeoutMs = 4_000;

/** As every start of a node does it; see `enforce`. */
export async function preflightStart(
  config: ClusterConfig,
  settings: ClusterPreflightOptions['settings'],
  logger: Logger,
): Promise<void> {
  const options = { config, settings, timeoutMs: startTimeoutMs };
  await enforce(await preflightCluster(options, startRules(allRules)), logger);
}

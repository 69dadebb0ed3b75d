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

/**
 * One node of a cluster, its machine, and the servers that its roles use, which are all asked at once. Writes nothing to
 * any of them. Never rejects for what they say or do not say.
 */
export async function preflightCluster(
  { config, settings, timeoutMs }: ClusterPreflightOptions,
  rules: readonly Rule[] = allRules,
): Promise<PreflightReport> {
  const { partitions, dedupeWindow } = config;
  const { recordMaxBytes, inflightMaxBytes } = processorSettings(settings.values as SettingValues);
  const log = kafkaLogOptions(config, { recordMaxBytes, inflightMaxBytes });
  // What no role of the node uses is none of its business.
  const hasViews = config.roles.some((role) => role === 'gateway' || role === 'views');
  const hasArchive = hasViews || config.roles.includes('archiver');
  const servers: Facts[] = await Promise.all<Facts>([
    kafkaFacts(log, timeoutMs),
    zooKeeperFacts(config, timeoutMs),
    ...(hasViews ? [redisFacts(config, timeoutMs)] : []),
    ...(hasArchive ? [cassandraFacts(config, timeoutMs)] : []),
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
const startTimeoutMs = 2_000;

/** As every start of a node does it; see `enforce`. */
export async function preflightStart(
  config: ClusterConfig,
  settings: ClusterPreflightOptions['settings'],
  logger: Logger,
): Promise<void> {
  const options = { config, settings, timeoutMs: startTimeoutMs };
  await enforce(await preflightCluster(options, startRules(allRules)), logger);
}

import {
  assertNoProblems,
  ConfigKeeper,
  ConfigSchema,
  configJsonSchema,
  fixedConfig,
  flagLayer,
  type Live,
  LiveConfig,
  type NumberProperty,
  type PropertyValue,
  type Relation,
  resolveConfig,
  scopeValues,
} from 'veltrix/config';
import { type CassandraLimits, defaultCassandraLimits } from './archive/cassandra-limits.ts';
import { type GatewayConfig, gatewaySettings } from './gateway/gateway-settings.ts';
import { gatewayTlsRelations, gatewayTlsSettings } from './gateway/gateway-tls-settings.ts';
import { type LogConfig, logSettings } from './logging/log-settings.ts';
import type { ProcessorSettings } from './processor/processor-settings.ts';
import { type TraceConfig, traceSettings } from './tracing/trace-settings.ts';

const megabyte = 1 << 20;

const otherSettings = {
  'processor.threads': {
    ...{ type: 'integer', default: 256, least: 1, most: 256, unit: 'threads' },
    text: 'Threads that decide, at most. Never more than there are partitions, or cores.',
    why: 'Lower it to leave cores to other programs of the machine.',
    metrics: ['hunt_gateway_decision_seconds'],
  },
  'processor.tableMaxRows': {
    ...{ type: 'integer', default: 1 << 28, least: 1_000, most: 1 << 30, unit: 'rows' },
    text: 'Rows in each table of a partition: teams, slots of progress, timers, messages.',
    why: 'Raise it for a partition with more teams than that; lower it to be refused before memory ends.',
  },
  'processor.checkpointEveryDecisions': {
    ...{ type: 'integer', default: 200_000, least: 1_000, most: 1e9, unit: 'decisions' },
    text: 'Decisions after which a checkpoint is taken; bounds what is folded again after a crash.',
    why: 'Lower it for a quicker start after a crash; raise it when checkpoints delay decisions.',
    metrics: ['hunt_gateway_decision_seconds'],
  },
  'processor.resendDelayMs': {
    ...{ type: 'duration', default: 250, least: 10, most: 60_000 },
    text: 'How long a message to another partition waits for its acknowledgement before it is sent again.',
    why: 'Raise it where partitions answer each other slowly and messages are repeated for nothing.',
    metrics: ['hunt_queue_entries'],
  },
  'log.segmentBytes': {
    ...{ type: 'bytes', default: 64 * megabyte, least: 16 * megabyte, most: 1024 * megabyte },
    multipleOf: 4_096,
    text: 'Size of a log segment file, a multiple of 4,096.',
    why: 'The log is let go of a segment at a time: smaller ones keep a small disk free.',
  },
  'log.recordMaxBytes': {
    ...{ type: 'bytes', default: 8 * megabyte, least: 2 * megabyte, most: 15 * megabyte },
    text: 'Largest record of the log.',
    why: 'In a cluster keep it below the largest message that the brokers take.',
  },
  'log.inflightMaxBytes': {
    ...{ type: 'bytes', default: 64 * megabyte, least: 16 * megabyte, most: 1024 * megabyte },
    text: 'Bytes of a partition that may wait to become durable.',
    why: 'Raise it when a disk that is fast on average has slow moments and commands are refused in them.',
    metrics: ['hunt_gateway_decision_seconds', 'hunt_gateway_commands_total'],
  },
  'log.retainBytes': {
    ...{ type: 'bytes', default: 1e15, least: 0, most: 1e15, dynamic: true },
    text: 'Bytes of the log that each partition keeps although it needs them no longer. The default keeps everything.',
    why: 'Set it where the disk would fill: the archive has what the log lets go of.',
  },
  'log.retainIntervalMs': {
    ...{ type: 'duration', default: 60_000, least: 100, most: 86_400_000, dynamic: true },
    text: 'How often log segments that are not needed are looked for, when log.retainBytes is set.',
    why: 'Lower it where the log grows by a large part of the disk within a minute.',
  },
  'views.maxTeams': {
    ...{ type: 'integer', default: 4_000_000, least: 1, most: 1e8, unit: 'teams' },
    text: 'Teams in the standings of all hunts together; one costs about 66 bytes.',
    why: 'Raise it above the number of teams that are expected; lower it to bound memory.',
  },
  'views.maxHunts': {
    ...{ type: 'integer', default: 10_000, least: 1, most: 1e6, unit: 'hunts' },
    text: 'Hunts with standings; an empty one costs about 25 KB.',
    why: 'Raise it for a server with very many small hunts; lower it to bound memory.',
  },
  'views.updatesMaxBytes': {
    ...{ type: 'bytes', default: 16 * megabyte, least: megabyte, most: 1024 * megabyte },
    text: 'Updates that wait for views outside of this process before the log is read no further.',
    why: 'Raise it when standings fall behind because Redis answers late; it is memory of this process.',
  },
  'views.readsMax': {
    ...{ type: 'integer', default: 256, least: 1, most: 100_000, dynamic: true, unit: 'reads' },
    text: 'Reads of views outside of this process under way at once, at most; fewer while they take longer than usual.',
    why: 'Raise it for a fast Redis that is far away; lower it to spare one that is shared.',
    metrics: ['hunt_views_read_limit_requests', 'hunt_views_refused_reads_requests_total'],
  },
  'views.updatesInflightMax': {
    ...{ type: 'integer', default: 64, least: 1, most: 10_000, dynamic: true, unit: 'batches' },
    text: 'Batches of updates, and reads that they need, on their way to views outside of this process at once, of all partitions together, at most; fewer while batches take longer than usual.',
    why: 'Lower it to spare a Redis that is shared; raise it when standings lag although Redis is idle, as one that is far away.',
    metrics: ['hunt_views_update_limit_requests', 'hunt_views_update_inflight_requests'],
  },
  'peers.inflightMax': {
    ...{ type: 'integer', default: 64, least: 1, most: 10_000, dynamic: true, unit: 'calls' },
    text: 'Calls of one kind to one other node under way at once, at most; fewer while it answers more slowly than usual.',
    why: 'Raise it when calls wait although the other node is idle; lower it so that one slow node holds up less.',
    metrics: ['hunt_peer_limit_requests', 'hunt_peer_inflight_requests'],
  },
  'peers.waitingMax': {
    ...{ type: 'integer', default: 1_024, least: 0, most: 1_000_000, dynamic: true, unit: 'calls' },
    text: 'Calls of one kind to one other node that may wait for their turn; more are refused.',
    why: 'Lower it to refuse sooner while a node is slow.',
    metrics: ['hunt_peer_refused_requests_total', 'hunt_queue_entries'],
  },
  'peers.retryPercent': {
    ...{ type: 'integer', default: 20, least: 0, most: 1_000, dynamic: true, unit: 'percent' },
    text: 'How often nodes are asked again about a partition, in percent of how often they are asked about it; 20 a second are always allowed.',
    why: 'Lower it when retries add to the trouble of nodes; raise it where partitions move often and reads fail meanwhile.',
    metrics: ['hunt_peer_retries_requests_total'],
  },
  'peers.hedgePercent': {
    ...{ type: 'integer', default: 5, least: 0, most: 100, dynamic: true, unit: 'percent' },
    text: 'How often a partition’s other copy is asked as well because the first is unusually slow, in percent of reads; 0 never.',
    why: 'Raise it where single nodes stall and reads have to be quick; set 0 to save the load.',
    metrics: ['hunt_peer_hedges_requests_total'],
  },
  'archive.batchMaxBytes': {
    ...{ type: 'bytes', default: 2 * megabyte, least: 65_536, most: 64 * megabyte },
    text: 'About how much of the log goes into one transaction of the archive.',
    why: 'Larger ones catch up faster; smaller ones delay queries less and take less memory.',
  },
  'archive.maxWaitingQueries': {
    ...{ type: 'integer', default: 1_000, least: 1, most: 1e6, dynamic: true, unit: 'queries' },
    text: 'Questions to the archive on their way at once; in a cluster, those that may wait for their turn at Cassandra. Writes of the archiver wait besides, and are not refused.',
    why: 'Raise it when questions are refused that the archive could answer; lower it to refuse sooner.',
    metrics: ['hunt_queue_entries'],
  },
  'archive.inflightMaxRequests': {
    ...{ type: 'integer', default: 64, least: 1, most: 1_024, dynamic: true, unit: 'requests' },
    text: 'Requests of the archive to Cassandra on their way at once.',
    why: 'Raise it with many Cassandra nodes that are idle while the archive lags; lower it to spare them.',
    metrics: ['hunt_cassandra_inflight_requests', 'hunt_cassandra_limit_requests'],
  },
  'archive.inflightMaxBytes': {
    ...{ type: 'bytes', default: 8 * megabyte, least: megabyte, most: 256 * megabyte },
    ...{ dynamic: true },
    text: 'Bytes of requests of the archive to Cassandra on their way at once.',
    why: 'As archive.inflightMaxRequests, for large events.',
  },
  'archive.retryPercent': {
    ...{ type: 'integer', default: 20, least: 0, most: 1_000, dynamic: true, unit: 'percent' },
    text: 'How often the archive asks Cassandra again, in percent of how often it asks; 20 a second are always allowed, and up to archive.inflightMaxRequests at once are saved up.',
    why: 'Lower it when retries add to the trouble of Cassandra; raise it where single servers fail often and others have time.',
    metrics: ['hunt_cassandra_retries_requests_total'],
  },
  'archive.requestTimeoutMs': {
    ...{ type: 'duration', default: 5_000, least: 100, most: 600_000 },
    text: 'How long one request to Cassandra may take.',
    why: 'Raise it above the time-outs of Cassandra itself, or it is asked again while it still works.',
  },
  'people.inflightMaxRequests': {
    ...{ type: 'integer', default: 64, least: 1, most: 1_024, dynamic: true, unit: 'requests' },
    text: 'Requests about who people are to Cassandra on their way at once, of each gateway.',
    why: 'Raise it when joins wait although Cassandra is idle; lower it to spare Cassandra when a crowd joins.',
    metrics: ['hunt_cassandra_inflight_requests', 'hunt_cassandra_limit_requests'],
  },
  'people.maxWaitingQueries': {
    ...{ type: 'integer', default: 1_000, least: 1, most: 1e6, dynamic: true, unit: 'queries' },
    text: 'Requests about who people are that may wait for their turn at Cassandra; more are refused.',
    why: 'Raise it when joins of a crowd are refused that would only take longer; lower it to refuse sooner.',
    metrics: ['hunt_queue_entries'],
  },
  'people.retryPercent': {
    ...{ type: 'integer', default: 20, least: 0, most: 1_000, dynamic: true, unit: 'percent' },
    text: 'How often Cassandra is asked again about who people are, in percent of how often it is asked; 20 a second are always allowed, and up to people.inflightMaxRequests at once are saved up.',
    why: 'As archive.retryPercent.',
    metrics: ['hunt_cassandra_retries_requests_total'],
  },
} as const satisfies Record<string, NumberProperty>;

/** What is not only numbers; read through `SettingsSource.live`. */
const textSettings = { ...gatewayTlsSettings, ...logSettings, ...traceSettings };

type OtherName = keyof typeof otherSettings;
type GatewayName = `gateway.${keyof typeof gatewaySettings}`;
type TextName = keyof typeof textSettings;
export type SettingName = OtherName | GatewayName | TextName;
export type SettingValues = Partial<
  Readonly<Record<OtherName | GatewayName, number> & Record<TextName, PropertyValue>>
>;

const gatewayEntries = Object.entries(gatewaySettings).map(
  ([key, setting]) => [`gateway.${key}`, setting] as const,
);

const relations: readonly Relation[] = [
  {
    names: ['gateway.recordMaxBytes', 'gateway.inflightMaxBytes'],
    problem: (values) =>
      Number(values['gateway.recordMaxBytes']) > Number(values['gateway.inflightMaxBytes'])
        ? 'a full record would never be let in'
        : undefined,
  },
  {
    names: ['gateway.liveConnectionsMax', 'gateway.connectionsMax'],
    amongSet: true,
    problem: (values) =>
      Number(values['gateway.liveConnectionsMax']) > Number(values['gateway.connectionsMax'])
        ? 'live connections are connections, too, so the first limit would never be met'
        : undefined,
  },
  {
    names: ['gateway.socketInflightMax', 'gateway.inflightMaxCommands'],
    amongSet: true,
    problem: (values) =>
      Number(values['gateway.socketInflightMax']) > Number(values['gateway.inflightMaxCommands'])
        ? 'one WebSocket would be allowed more than all clients together'
        : undefined,
  },
  ...gatewayTlsRelations,
];

/** Every setting of the engine. Variables begin with HUNT_. */
export const engineSchema = new ConfigSchema({
  prefix: 'HUNT',
  roles: ['gateway', 'processor', 'views', 'archiver', 'coordinator'],
  table: Object.fromEntries([
    ...gatewayEntries,
    ...Object.entries(otherSettings),
    ...Object.entries(textSettings),
  ]),
  relations,
});

/** Of a file of settings, for editors. */
export function settingsSchema(): Readonly<Record<string, unknown>> {
  return configJsonSchema(engineSchema, 'Settings of the treasure hunt engine');
}

/**
 * Reads `name=value` texts: what was set, without the defaults. Throws `veltrix-setting-unknown`,
 * `veltrix-setting-invalid`, `veltrix-setting-contradiction`, `veltrix-settings-refused`.
 */
export function readSettings(texts: readonly string[]): SettingValues {
  const { settings, problems } = resolveConfig(engineSchema, [flagLayer(texts)]);
  assertNoProblems(problems);
  const given = [...settings.values()].filter(({ source }) => source !== 'default');
  return Object.fromEntries(given.map(({ name, value }) => [name, value])) as SettingValues;
}

/** What an engine is given: values that were checked before, or a keeper that has them and may change them. */
export type EngineSettings = SettingValues | ConfigKeeper;

/** What the parts of an engine need of a keeper. */
export type SettingsSource = Pick<
  ConfigKeeper,
  'values' | 'isSet' | 'placeOf' | 'live' | 'liveByHunt'
>;

export function settingsSource(settings: EngineSettings = {}): SettingsSource {
  if (settings instanceof ConfigKeeper) return settings;
  const values = { ...engineSchema.defaults, ...settings };
  return {
    values,
    isSet: (name) => Object.hasOwn(settings, name),
    placeOf: (name) => (Object.hasOwn(settings, name) ? 'the program' : undefined),
    live: (scope) => fixedConfig(scopeValues(values, scope)),
    liveByHunt: () => fixedConfig({ byHunt: new Map() }),
  };
}

/** All of them, as they are now. */
export function settingValues(source: SettingsSource): SettingValues {
  return source.values as SettingValues;
}

function settingOf(values: SettingValues, name: OtherName): number {
  return values[name] ?? otherSettings[name].default;
}
export function processorSettings(values: SettingValues): ProcessorSettings {
  return {
    threads: settingOf(values, 'processor.threads'),
    tableMaxRows: settingOf(values, 'processor.tableMaxRows'),
    checkpointEveryDecisions: settingOf(values, 'processor.checkpointEveryDecisions'),
    resendDelayMs: settingOf(values, 'processor.resendDelayMs'),
    segmentBytes: settingOf(values, 'log.segmentBytes'),
    recordMaxBytes: settingOf(values, 'log.recordMaxBytes'),
    inflightMaxBytes: settingOf(values, 'log.inflightMaxBytes'),
  };
}

/** Undefined when everything is kept, which is the default. */
export function retentionSettings(values: SettingValues) {
  const keepBytes = settingOf(values, 'log.retainBytes');
  if (keepBytes >= otherSettings['log.retainBytes'].default) return undefined;
  return { keepBytes, intervalMs: settingOf(values, 'log.retainIntervalMs') };
}

export function viewsSettings(values: SettingValues) {
  return {
    maxTeams: settingOf(values, 'views.maxTeams'),
    maxHunts: settingOf(values, 'views.maxHunts'),
    updatesMaxBytes: settingOf(values, 'views.updatesMaxBytes'),
  };
}

/** How other nodes are asked. */
export function peerSettings(values: SettingValues) {
  return {
    inflightMax: settingOf(values, 'peers.inflightMax'),
    waitingMax: settingOf(values, 'peers.waitingMax'),
    retryPercent: settingOf(values, 'peers.retryPercent'),
    hedgePercent: settingOf(values, 'peers.hedgePercent'),
  };
}

/** Reads of views outside of this process at once, at most. */
export function viewsReadsMax(values: SettingValues): number {
  return settingOf(values, 'views.readsMax');
}

/** Batches of updates to them at once, of all partitions together, at most. */
export function viewsUpdatesInflightMax(values: SettingValues): number {
  return settingOf(values, 'views.updatesInflightMax');
}

/** About how much of the log goes into one append to the archive. */
export function archiveBatchMaxBytes(values: SettingValues): number {
  return settingOf(values, 'archive.batchMaxBytes');
}

/** Questions to the archive of one process on their way at once. */
export function archiveQueriesMax(values: SettingValues): number {
  return settingOf(values, 'archive.maxWaitingQueries');
}

/** How long one request of the archive to Cassandra may take. */
export function archiveRequestTimeoutMs(values: SettingValues): number {
  return settingOf(values, 'archive.requestTimeoutMs');
}

/** How the archive asks Cassandra. */
export function archiveLimits(values: SettingValues): CassandraLimits {
  return {
    inflightMaxRequests: settingOf(values, 'archive.inflightMaxRequests'),
    inflightMaxBytes: settingOf(values, 'archive.inflightMaxBytes'),
    maxWaitingQueries: settingOf(values, 'archive.maxWaitingQueries'),
    retryPercent: settingOf(values, 'archive.retryPercent'),
  };
}

/** How the identity asks it; what it sends is too small for its bytes to matter. */
export function identityLimits(values: SettingValues): CassandraLimits {
  return {
    ...defaultCassandraLimits,
    inflightMaxRequests: settingOf(values, 'people.inflightMaxRequests'),
    maxWaitingQueries: settingOf(values, 'people.maxWaitingQueries'),
    retryPercent: settingOf(values, 'people.retryPercent'),
  };
}

export function liveLogConfig(source: SettingsSource): Live<LogConfig> {
  return source.live('logging') as unknown as Live<LogConfig>;
}

export function liveTraceConfig(source: SettingsSource): Live<TraceConfig> {
  return source.live('tracing') as unknown as Live<TraceConfig>;
}

/** Of hunts with values of their own. */
export function liveGatewayConfigByHunt(
  source: SettingsSource,
): Live<{ readonly byHunt: ReadonlyMap<string, GatewayConfig> }> {
  return source.liveByHunt('gateway') as Live<{
    readonly byHunt: ReadonlyMap<string, GatewayConfig>;
  }>;
}

/** As the source has it, but with what the machine allows of connections. */
export function liveGatewayConfig(
  source: SettingsSource,
  connectionsMax: number,
): Live<GatewayConfig> {
  const scope = source.live('gateway') as Live<GatewayConfig>;
  const live = new LiveConfig({ ...scope.current, connectionsMax });
  scope.onChange(() => live.replace({ ...scope.current, connectionsMax }));
  return live;
}

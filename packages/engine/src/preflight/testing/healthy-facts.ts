import { engineSchema } from '../../engine-settings.ts';
import type { FactTable } from '../facts.ts';

const logId = '0f'.repeat(16);
const identity = { logId, partitionCount: 4, dedupeWindow: 1 << 18 };
const messageMaxBytes = (8 << 20) + 280;
const places = [0, 1, 2, 3].map((leader) => ({ leader, replicas: 3, inSync: 3 }));
const wanted = {
  partitions: 4,
  replication: 3,
  settings: {
    'unclean.leader.election.enable': 'false',
    'min.insync.replicas': 2,
    'max.message.bytes': messageMaxBytes,
    'compression.type': 'producer',
  },
  advice: { 'message.timestamp.type': 'LogAppendTime' },
};
const logTopic = {
  cleanup: 'delete',
  places,
  settings: {
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'unclean.leader.election.enable': 'false',
    'min.insync.replicas': '2',
    'max.message.bytes': `${messageMaxBytes}`,
    'compression.type': 'producer',
    'message.timestamp.type': 'LogAppendTime',
    'segment.bytes': '1073741824',
  },
  wanted,
} as const;
const { 'compression.type': _, ...checkpointSettings } = wanted.settings;

/** A cluster of three brokers, three Cassandra servers and one Redis in which all is well. */
export const healthyCluster: FactTable = {
  settings: { values: engineSchema.defaults, places: {} },
  deployment: {
    kind: 'cluster',
    partitions: 4,
    dedupeWindow: 1 << 18,
    source: 'the cluster file',
  },
  cluster: {
    ...{ node: 'one', address: '10.0.0.1:7301', zone: 'a', capacity: 1, cores: 0 },
    roles: ['gateway', 'processor', 'views', 'archiver', 'coordinator'],
    ...{ partitions: 4, dedupeWindow: 1 << 18, secrets: '/etc/hunt', clockSkewMaxMs: 2_000 },
    nodes: {
      tls: {
        mode: 'require',
        places: { ca: 'ca.pem', cert: 'node.pem', key: 'file:node.key', directory: '.' },
      },
    },
    identity: { keyspace: 'hunt_people' },
    kafka: {
      ...{ bootstrap: ['10.0.0.2:9092'], prefix: 'hunt', replication: 3, minInSync: 2 },
      tls: {},
    },
    zookeeper: {
      ...{ connect: '10.0.0.3:2181', prefix: '/hunt', sessionTimeoutMs: 3_000 },
      tls: {},
    },
    redis: {
      ...{ addresses: ['10.0.0.4:6379'], cluster: false, prefix: 'hunt:' },
      ...{ username: undefined, password: undefined, tls: {} },
    },
    cassandra: {
      ...{ contactPoints: ['10.0.0.5:9042'], dataCenter: 'dc1', keyspace: 'hunt' },
      replication: { class: 'NetworkTopologyStrategy', dc1: '3' },
      ...{ username: undefined, password: undefined, tls: {} },
    },
  },
  certificates: [{ setting: 'kafka.tls.ca', endsInDays: 14 }],
  memory: { bytes: 32 * 2 ** 30, source: 'the machine', heapMaxBytes: 4 * 2 ** 30 },
  cores: 8,
  openFilesMax: 100_000,
  disk: { directory: '/var/lib/hunt', totalBytes: 2 ** 40, freeBytes: 2 ** 39 },
  brokers: {
    ...{ messageMaxBytes, appendTimeoutMs: 30_000 },
    brokers: [1, 2, 3].map((id) => ({
      name: `broker ${id}`,
      settings: {
        'socket.request.max.bytes': '104857600',
        'fetch.max.bytes': '57671680',
        'replica.lag.time.max.ms': '30000',
        'broker.session.timeout.ms': '3000',
        'controller.quorum.fetch.timeout.ms': '1000',
        'controller.quorum.election.timeout.ms': '500',
        'replica.fetch.backoff.ms': '100',
      },
    })),
  },
  topics: [
    { ...logTopic, name: 'hunt.commands' },
    { ...logTopic, name: 'hunt.events' },
    {
      ...{ ...logTopic, name: 'hunt.checkpoints', cleanup: 'compact' },
      settings: { ...logTopic.settings, 'cleanup.policy': 'compact', 'segment.bytes': '67108864' },
      wanted: { ...wanted, settings: checkpointSettings, advice: {} },
    },
  ],
  log: { identity, events: [0, 1, 2, 3].map(() => ({ start: 0, end: 1_000 })) },
  zookeeper: {
    ...{ place: '10.0.0.3:2181/hunt', grantedSessionMs: 3_000, plan: identity, level: 1 },
    known: { least: 1, most: 1 },
    members: [
      {
        nodeId: 'one',
        address: '10.0.0.1:7301',
        encryption: 'require',
        roles: ['processor', 'gateway'],
      },
      { nodeId: 'two', address: '10.0.0.6:7301', encryption: 'require', roles: ['processor'] },
    ],
  },
  redis: {
    servers: [
      {
        ...{ address: '10.0.0.4:6379', version: '7.2.4', role: 'master', isCluster: false },
        ...{ clusterState: undefined, evictionPolicy: 'noeviction' },
        ...{ maxMemoryBytes: 2 ** 32, usedMemoryBytes: 2 ** 30 },
      },
    ],
    silent: [],
  },
  redisViews: { logId },
  cassandra: {
    nodes: [5, 6, 7].map((host) => ({
      ...{ address: `10.0.0.${host}:9042`, dataCenter: 'dc1', schemaVersion: 'a1' },
    })),
    ...{ silent: [], waitedMs: 2_500 },
    keyspaces: {
      hunt: { class: 'org.apache.cassandra.locator.NetworkTopologyStrategy', dc1: '3' },
      hunt_people: { class: 'org.apache.cassandra.locator.NetworkTopologyStrategy', dc1: '3' },
    },
    settings: {
      commitlog_sync: 'periodic',
      max_mutation_size: '16MiB',
      read_request_timeout: '5000ms',
      write_request_timeout: '2000ms',
    },
  },
  archive: { logId, cursors: { 0: 1_000, 1: 900, 2: 0 } },
  redisClock: { server: 'Redis 10.0.0.4:6379', aheadMs: 3, uncertainMs: 1 },
  cassandraClock: { server: 'Cassandra 10.0.0.5:9042', aheadMs: -40, uncertainMs: 5 },
};

/** One process on a machine where all is well. */
export const healthyProcess: Pick<
  FactTable,
  'settings' | 'deployment' | 'memory' | 'cores' | 'openFilesMax' | 'disk'
> = {
  settings: healthyCluster.settings,
  deployment: { kind: 'embedded', partitions: 1, dedupeWindow: 1 << 18, source: 'the default' },
  memory: healthyCluster.memory,
  cores: 8,
  openFilesMax: 100_000,
  disk: healthyCluster.disk,
};

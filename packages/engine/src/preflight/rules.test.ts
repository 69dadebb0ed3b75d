/* Every rule, over facts as servers and machines give them: one case in which it does not hold, and one in which it just does. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { PeerEncryption } from 'veltrix/cluster';
import { allRules } from './all-rules.ts';
import type { Facts, FactTable } from './facts.ts';
import { judge, serverRefusesRule } from './judge.ts';
import {
  archive,
  brokerSetting,
  brokers,
  type Change,
  cassandra,
  cassandraSetting,
  cluster,
  copies,
  deployment,
  disk,
  memory,
  redis,
  set,
  topic,
  topicSetting,
  zookeeper,
} from './testing/change-facts.ts';
import { healthyCluster } from './testing/healthy-facts.ts';

const { log, zookeeper: meeting } = healthyCluster;
const otherLog = 'ab'.repeat(16);
const mebibyte = 2 ** 20;
const simple = { class: 'SimpleStrategy', replication_factor: '3' };

interface Case {
  readonly broken: Change;
  /** What the finding shows of both sides. */
  readonly shows: readonly [RegExp, RegExp];
  /** On the right side of the line; the healthy cluster unless told. */
  readonly quiet?: Change;
  readonly alsoFound?: readonly string[];
}

/** As the healthy cluster, but with servers of a kind that do not encrypt. */
function plain<Key extends 'kafka' | 'redis'>(
  key: Key,
  values: Partial<FactTable['cluster'][Key]>,
): Change {
  const { tls: _, ...others } = healthyCluster.cluster[key];
  return { cluster: { ...healthyCluster.cluster, [key]: { ...others, ...values } } };
}

function member(nodeId: string, encryption?: PeerEncryption) {
  const address =
    nodeId === 'one' ? healthyCluster.cluster.address : `10.0.1.${nodeId.length}:7301`;
  return { nodeId, address, roles: [], ...(encryption && { encryption }) };
}

/** A node that takes both, among others. */
function accepting(members: FactTable['zookeeper']['members']): Change {
  const nodes = { tls: { ...healthyCluster.cluster.nodes.tls!, mode: 'accept' } } as const;
  return { ...cluster('nodes', nodes), ...zookeeper({ members }) };
}

const cases: Readonly<Record<string, Case>> = {
  'preflight-plain-connection': {
    broken: plain('redis', {}),
    shows: [/^redis.addresses 10.0.0.4:6379 the cluster/, /^redis.tls.enabled false the cluster/],
    quiet: plain('redis', { addresses: ['127.0.0.1:6379', 'localhost:6380', '[::1]:1'] }),
  },
  'preflight-password-readable': {
    broken: plain('kafka', {
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'hunt', password: 'secret' },
    }),
    shows: [/^kafka.bootstrap 10.0.0.2:9092/, /^kafka.tls.enabled false/],
    quiet: plain('kafka', {}),
  },
  'preflight-nodes-unlike': {
    broken: zookeeper({ members: [member('two', 'off')] }),
    shows: [/^nodes.tls.mode require the cluster file/, /^encryption of two off ZooKeeper/],
    // Its own former self, one on its way, and a release that does not say.
    quiet: zookeeper({ members: [member('one', 'off'), member('two', 'accept'), member('three')] }),
  },
  'preflight-nodes-accept': {
    broken: accepting([
      ...[member('one', 'accept'), member('two', 'off'), member('four', 'require')],
      member('three'),
    ]),
    shows: [
      /^nodes.tls.mode accept the cluster file/,
      /^nodes that do not say they encrypt two: off, three: not said, as by older releases ZooKeeper/,
    ],
    quiet: zookeeper({ members: [member('one', 'accept'), member('two', 'accept')] }),
  },
  'preflight-nodes-unsaid': {
    broken: zookeeper({ members: [member('one'), member('two'), member('three', 'accept')] }),
    shows: [/^nodes.tls.mode require the cluster file/, / two: not said, as by older releases Z/],
    quiet: zookeeper({ members: [member('one'), member('two', 'require')] }),
  },
  'preflight-certificate-ended': {
    broken: { certificates: [{ setting: 'redis.tls.cert', endsInDays: -1 }] },
    shows: [/^redis.tls.cert is good for -1 days/, /0 days/],
    quiet: { certificates: [{ setting: 'redis.tls.cert', endsInDays: 0 }] },
  },
  'preflight-certificate-ends': {
    broken: { certificates: [{ setting: 'kafka.tls.ca', endsInDays: 13 }] },
    shows: [/^kafka.tls.ca is good for 13 days/, /14 days/],
    quiet: { certificates: [{ setting: 'kafka.tls.ca', endsInDays: 14 }] },
  },
  'preflight-admission-wait': {
    broken: set({ 'gateway.admissionTargetMs': 500, 'gateway.waitMaxMs': 500 }),
    shows: [/^gateway.admissionTargetMs 500ms hunt.yaml/, /^gateway.waitMaxMs 500ms hunt.yaml/],
    quiet: set({ 'gateway.admissionTargetMs': 4_999 }),
    alsoFound: ['preflight-broker-replaced', 'preflight-refusal-wait', 'preflight-session-wait'],
  },
  'preflight-refusal-wait': {
    broken: set({ 'gateway.refusalWaitMaxMs': 5_001 }),
    shows: [/5001ms hunt.yaml/, /gateway.waitMaxMs 5s the default/],
    quiet: set({ 'gateway.refusalWaitMaxMs': 5_000 }),
  },
  'preflight-recent-outcomes': {
    broken: set({ 'gateway.recentOutcomes': 19_999 }),
    shows: [/19999/, /gateway.inflightMaxCommands 20000/],
    quiet: set({ 'gateway.recentOutcomes': 20_000 }),
  },
  'preflight-rate-buckets': {
    broken: set({ 'gateway.rateBucketsMax': 49_999 }),
    shows: [/49999/, /gateway.connectionsMax 50000/],
    quiet: set({ 'gateway.rateBucketsMax': 50_000 }),
  },
  'preflight-gateway-log-bytes': {
    broken: set({
      'gateway.inflightMaxBytes': 65 * mebibyte,
      'log.inflightMaxBytes': 16 * mebibyte,
    }),
    shows: [/65MiB/, /log.inflightMaxBytes 16MiB for each of 4 partitions/],
    quiet: set({
      'gateway.inflightMaxBytes': 64 * mebibyte,
      'log.inflightMaxBytes': 16 * mebibyte,
    }),
  },
  'preflight-views-record': {
    broken: set({ 'views.updatesMaxBytes': 7 * mebibyte }),
    shows: [/7MiB/, /log.recordMaxBytes 8MiB/],
    quiet: set({ 'views.updatesMaxBytes': 8 * mebibyte }),
  },
  'preflight-retain-segment': {
    broken: { ...deployment({ kind: 'embedded' }), ...set({ 'log.retainBytes': 63 * mebibyte }) },
    shows: [/63MiB/, /log.segmentBytes 64MiB/],
    quiet: { ...deployment({ kind: 'embedded' }), ...set({ 'log.retainBytes': 64 * mebibyte }) },
    alsoFound: ['preflight-topic-segments'],
  },
  'preflight-dedupe-window': {
    broken: deployment({ dedupeWindow: 2 ** 25 }),
    shows: [/dedupeWindow 33554432 the cluster file/, /at most 16777216/],
    quiet: deployment({ dedupeWindow: 2 ** 24 }),
  },
  'preflight-dedupe-inflight': {
    broken: deployment({ dedupeWindow: 16_384 }),
    shows: [/dedupeWindow 16384/, /gateway.inflightMaxCommands 20000/],
    quiet: deployment({ dedupeWindow: 20_000 }),
  },
  'preflight-threads-partitions': {
    broken: set({ 'processor.threads': 5 }),
    shows: [/processor.threads 5/, /partitions 4 the cluster file/],
    quiet: set({ 'processor.threads': 4 }),
  },
  'preflight-memory-buffers': {
    broken: memory({ bytes: 5 * 2 ** 30, source: 'control group' }),
    shows: [/live connections 4.88 GiB and the log in flight/, /memory 5 GiB control group/],
    quiet: memory({ bytes: 6 * 2 ** 30 }),
  },
  'preflight-memory-dedupe': {
    broken: { ...deployment({ dedupeWindow: 2 ** 24, partitions: 64 }) },
    shows: [/16777216 in each of 64 partitions, 48 GiB/, /memory 32 GiB/],
    quiet: {
      ...deployment({ dedupeWindow: 2 ** 23, partitions: 64 }),
      ...memory({ bytes: 24 * 2 ** 30 }),
    },
  },
  'preflight-memory-gateway': {
    broken: {
      ...set({ 'gateway.inflightMaxBytes': 2 ** 30, 'gateway.liveConnectionsMax': 1 }),
      ...memory({ bytes: 2 ** 30 - 1, heapMaxBytes: 2 ** 20 }),
    },
    shows: [/gateway.inflightMaxBytes 1GiB/, /memory .* the machine/],
    quiet: {
      ...set({ 'gateway.inflightMaxBytes': 2 ** 30 }),
      ...memory({ bytes: 2 ** 30, heapMaxBytes: 2 ** 20 }),
    },
    alsoFound: ['preflight-memory-buffers', 'preflight-gateway-log-bytes'],
  },
  'preflight-memory-heap': {
    broken: memory({ heapMaxBytes: 33 * 2 ** 30 }),
    shows: [/heap limit 33 GiB Node/, /memory 32 GiB/],
    quiet: memory({ heapMaxBytes: 32 * 2 ** 30 }),
  },
  'preflight-threads-cores': {
    broken: { ...set({ 'processor.threads': 9 }), ...deployment({ partitions: 64 }) },
    shows: [/processor.threads 9/, /cores 8/],
    quiet: { ...set({ 'processor.threads': 8 }), ...deployment({ partitions: 64 }) },
  },
  'preflight-descriptors-log': {
    broken: { openFilesMax: 111 },
    shows: [/limit of open files 111/, /partitions 4, which need 112/],
    quiet: { openFilesMax: 112 },
  },
  'preflight-descriptors-connections': {
    broken: { ...set({ 'gateway.connectionsMax': 50_000 }), openFilesMax: 50_111 },
    shows: [/gateway.connectionsMax 50000/, /limit of open files 50111/],
    quiet: { ...set({ 'gateway.connectionsMax': 50_000 }), openFilesMax: 50_112 },
  },
  'preflight-descriptors-live': {
    broken: { ...set({ 'gateway.liveConnectionsMax': 20_000 }), openFilesMax: 1_024 },
    shows: [/gateway.liveConnectionsMax 20000/, /limit of open files 1024/],
    quiet: { openFilesMax: 1_024 },
  },
  'preflight-disk-segments': {
    broken: disk({ freeBytes: 511 * mebibyte }),
    shows: [/free space 511 MiB \/var\/lib\/hunt/, /64MiB, 512 MiB for two in each of 4/],
    quiet: disk({ freeBytes: 512 * mebibyte }),
  },
  'preflight-disk-retention': {
    broken: { ...set({ 'log.retainBytes': 300e9 }), ...disk({ totalBytes: 1e12 }) },
    shows: [/300GB for each of 4 partitions/, /931 GiB \/var\/lib\/hunt/],
    quiet: { ...set({ 'log.retainBytes': 250e9 }), ...disk({ totalBytes: 1e12 }) },
  },
  'preflight-topic-message-size': {
    broken: topicSetting('hunt.commands', 'max.message.bytes', '1048588'),
    shows: [/max.message.bytes of hunt.commands 1048588 Kafka/, /8388888 at least/],
    quiet: topicSetting('hunt.commands', 'max.message.bytes', '8388888'),
  },
  'preflight-topic-min-insync': {
    broken: topicSetting('hunt.events', 'min.insync.replicas', '1'),
    shows: [/min.insync.replicas of hunt.events 1/, /2 at least/],
    quiet: topicSetting('hunt.events', 'min.insync.replicas', '3'),
  },
  'preflight-topic-unclean-leader': {
    broken: topicSetting('hunt.checkpoints', 'unclean.leader.election.enable', 'true'),
    shows: [/election.enable of hunt.checkpoints true/, /false/],
  },
  'preflight-topic-compression': {
    broken: topicSetting('hunt.events', 'compression.type', 'zstd'),
    shows: [/compression.type of hunt.events zstd/, /producer/],
    quiet: topicSetting('hunt.checkpoints', 'compression.type', 'zstd'),
  },
  'preflight-topic-cleanup': {
    broken: topicSetting('hunt.events', 'cleanup.policy', 'compact,delete'),
    shows: [/cleanup.policy of hunt.events compact,delete/, /delete/],
  },
  'preflight-checkpoints-cleanup': {
    broken: topicSetting('hunt.checkpoints', 'cleanup.policy', 'delete'),
    shows: [/cleanup.policy of hunt.checkpoints delete/, /compact/],
  },
  'preflight-topic-retention': {
    broken: topicSetting('hunt.commands', 'retention.ms', '604800000'),
    shows: [/retention.ms of hunt.commands 604800000/, /until they are archived/],
    quiet: topicSetting('hunt.checkpoints', 'retention.ms', '604800000'),
  },
  'preflight-topic-partitions': {
    broken: topic('hunt.events', ({ places }) => ({ places: [...places, places[0]!] })),
    shows: [/partitions of hunt.events 5/, /partitions 4 the cluster file/],
    quiet: topic('hunt.events', () => ({ places: [] })),
  },
  'preflight-topic-replication': {
    broken: topic('hunt.events', ({ places: [first, ...rest] }) => ({
      places: [...rest, { ...first!, replicas: 2 }],
    })),
    shows: [/replicas of hunt.events 2/, /kafka.replication 3/],
    quiet: topic('hunt.events', ({ places }) => ({
      places: places.map((place) => ({ ...place, replicas: 5 })),
    })),
  },
  'preflight-topic-timestamps': {
    broken: topicSetting('hunt.events', 'message.timestamp.type', 'CreateTime'),
    shows: [/message.timestamp.type of hunt.events CreateTime/, /LogAppendTime/],
    quiet: topicSetting('hunt.checkpoints', 'message.timestamp.type', 'CreateTime'),
  },
  'preflight-topic-segments': {
    broken: set({ 'log.retainBytes': 2 ** 30 - 1 }),
    shows: [/segment.bytes of hunt.commands 1 GiB/, /log.retainBytes 1073741823B/],
    quiet: set({ 'log.retainBytes': 2 ** 30 }),
  },
  'preflight-topic-insync-now': {
    broken: topic('hunt.events', ({ places: [first, ...rest] }) => ({
      places: [{ ...first!, inSync: 1 }, ...rest],
    })),
    shows: [/copies in sync of hunt.events 1 in 1 of 4/, /min.insync.replicas of hunt.events 2/],
    quiet: topic('hunt.events', ({ places: [first, ...rest] }) => ({
      places: [{ ...first!, inSync: 2 }, ...rest],
    })),
  },
  'preflight-topic-leaders': {
    broken: topic('hunt.events', ({ places: [first, ...rest] }) => ({
      places: [{ ...first!, leader: -1 }, ...rest],
    })),
    shows: [/hunt.events without a leader 1/, /a leader for each/],
  },
  'preflight-broker-count': {
    broken: brokers(2),
    shows: [/kafka.replication 3/, /brokers 2 Kafka/],
  },
  'preflight-broker-request-size': {
    broken: brokerSetting('socket.request.max.bytes', '8388887'),
    shows: [/socket.request.max.bytes 8388887 broker 1/, /log.recordMaxBytes 8MiB, sent as 8 MiB/],
    quiet: brokerSetting('socket.request.max.bytes', '8388888'),
  },
  'preflight-broker-fetch-size': {
    broken: brokerSetting('fetch.max.bytes', '1048576'),
    shows: [/fetch.max.bytes 1048576 broker 1/, /log.recordMaxBytes 8MiB/],
    quiet: brokerSetting('fetch.max.bytes', '8388888'),
  },
  'preflight-broker-replica-lag': {
    broken: brokerSetting('replica.lag.time.max.ms', '60000'),
    shows: [/replica.lag.time.max.ms 60000/, /wait for an append 30000/],
    quiet: brokerSetting('replica.lag.time.max.ms', '30000'),
  },
  'preflight-broker-replaced': {
    broken: brokerSetting('broker.session.timeout.ms', '9000'),
    shows: [/replica.fetch.backoff.ms 10600 broker 1/, /gateway.waitMaxMs 5s/],
    quiet: brokerSetting('broker.session.timeout.ms', '3400'),
  },
  'preflight-acks-slack': {
    broken: cluster('kafka', { replication: 2, minInSync: 2 }),
    shows: [/kafka.minInSync 2/, /kafka.replication 2/],
    quiet: cluster('kafka', { replication: 1, minInSync: 1 }),
  },
  'preflight-acks-one-copy': {
    broken: cluster('kafka', { replication: 2, minInSync: 1 }),
    shows: [/kafka.minInSync 1/, /kafka.replication 2/],
    quiet: cluster('kafka', { replication: 1, minInSync: 1 }),
  },
  'preflight-copies-brokers': {
    broken: { ...cluster('kafka', { replication: 1, minInSync: 1 }), ...brokers(2) },
    shows: [/kafka.replication 1/, /brokers 2/],
    quiet: { ...cluster('kafka', { replication: 1, minInSync: 1 }), ...brokers(1) },
  },
  'preflight-log-identity': {
    broken: cluster('partitions', 8),
    shows: [/partitions 8 the cluster file/, /partitions of the log 4 Kafka/],
    quiet: { ...cluster('partitions', 8), log: { ...log, identity: undefined } },
  },
  'preflight-log-plan': {
    broken: zookeeper({ plan: { ...meeting.plan!, logId: otherLog } }),
    shows: [/log id abab\w+ ZooKeeper 10.0.0.3:2181\/hunt/, /log id 0f0f\w+ Kafka/],
    quiet: zookeeper({ plan: undefined }),
  },
  'preflight-log-archive': {
    broken: archive({ logId: otherLog }),
    shows: [/log id abab\w+ keyspace hunt/, /log id 0f0f\w+ Kafka/],
    quiet: archive({ logId: undefined }),
  },
  'preflight-log-views': {
    broken: { redisViews: { logId: otherLog } },
    shows: [/log id abab\w+ Redis keys hunt:\*/, /log id 0f0f\w+ Kafka/],
    quiet: { redisViews: { logId: undefined } },
  },
  'preflight-archive-gap': {
    broken: { log: { ...log, events: [{ start: 1_001, end: 2_000 }] } },
    shows: [/partition 0 archived up to offset 1000/, /log kept from offset 1001/],
    quiet: { log: { ...log, events: [{ start: 1_000, end: 2_000 }] } },
  },
  'preflight-archive-ahead': {
    broken: { log: { ...log, events: [{ start: 0, end: 999 }] } },
    shows: [/partition 0 archived up to offset 1000/, /log ends at offset 999/],
    quiet: { log: { ...log, events: [{ start: 0, end: 1_000 }] } },
  },
  'preflight-cluster-level': {
    broken: zookeeper({ level: 2 }),
    shows: [/level of the cluster 2/, /levels known 1 to 1/],
  },
  'preflight-session-granted': {
    broken: zookeeper({ grantedSessionMs: 4_000 }),
    shows: [/zookeeper.sessionTimeoutMs 3000/, /session granted 4000 ms ZooKeeper/],
  },
  'preflight-session-heartbeat': {
    broken: cluster('zookeeper', { sessionTimeoutMs: 1_499 }),
    shows: [/zookeeper.sessionTimeoutMs 1499/, /heartbeat every 500 ms/],
    quiet: cluster('zookeeper', { sessionTimeoutMs: 1_500 }),
    alsoFound: ['preflight-session-silence', 'preflight-session-granted'],
  },
  'preflight-session-silence': {
    broken: {
      ...cluster('zookeeper', { sessionTimeoutMs: 2_000 }),
      ...zookeeper({ grantedSessionMs: 2_000 }),
    },
    shows: [/zookeeper.sessionTimeoutMs 2000/, /silence of a node 2000 ms/],
    quiet: cluster('zookeeper', { sessionTimeoutMs: 2_001 }),
  },
  'preflight-session-wait': {
    broken: set({ 'gateway.waitMaxMs': 3_000 }),
    shows: [/gateway.waitMaxMs 3s/, /zookeeper.sessionTimeoutMs 3000/],
    quiet: set({ 'gateway.waitMaxMs': 3_001 }),
    alsoFound: ['preflight-broker-replaced'],
  },
  'preflight-partitions-nodes': {
    broken: zookeeper({ members: nodes(['two', 'three', 'four', 'five']) }),
    shows: [/nodes with the role processor 5/, /partitions 4/],
    quiet: zookeeper({ members: nodes(['one', 'two', 'three', 'four']) }),
  },
  'preflight-node-name': {
    broken: zookeeper({ members: [{ nodeId: 'one', address: '10.0.0.9:7301', roles: [] }] }),
    shows: [/node one at 10.0.0.1:7301/, /node one at 10.0.0.9:7301 ZooKeeper/],
  },
  'preflight-node-address': {
    broken: zookeeper({
      members: [{ nodeId: 'two', address: '10.0.0.1:7301', encryption: 'require', roles: [] }],
    }),
    shows: [/10.0.0.1:7301 of one/, /10.0.0.1:7301 of two/],
  },
  'preflight-redis-eviction': {
    broken: redis({ evictionPolicy: 'allkeys-lru' }),
    shows: [/maxmemory-policy allkeys-lru Redis 10.0.0.4:6379/, /noeviction/],
    quiet: redis({ evictionPolicy: undefined }),
  },
  'preflight-redis-silent': {
    broken: {
      redis: {
        ...healthyCluster.redis,
        silent: [{ address: '10.0.0.9:6379', reason: 'no answer within 2000 ms' }],
      },
    },
    shows: [/redis.addresses 10.0.0.9:6379/, /answer no answer within 2000 ms Redis 10.0.0.9:6379/],
  },
  'preflight-redis-full': {
    broken: redis({ maxMemoryBytes: 2 ** 30 }),
    shows: [/used_memory 1 GiB/, /maxmemory 1 GiB/],
    quiet: redis({ maxMemoryBytes: 0 }),
  },
  'preflight-redis-version': {
    broken: redis({ version: '6.2.14' }),
    shows: [/release 6.2.14/, /7.0 or newer/],
    quiet: redis({ version: '10.0.1' }),
  },
  'preflight-redis-mode': {
    broken: redis({ isCluster: true }),
    shows: [/redis.cluster false/, /cluster_enabled 1/],
  },
  'preflight-redis-replica': {
    broken: redis({ role: 'slave' }),
    shows: [/role replica/, /master/],
  },
  'preflight-redis-slots': {
    broken: {
      ...redis({ isCluster: true, clusterState: 'fail' }),
      ...cluster('redis', { cluster: true }),
    },
    shows: [/cluster_state fail/, /ok/],
    quiet: {
      ...redis({ isCluster: true, clusterState: 'ok' }),
      ...cluster('redis', { cluster: true }),
    },
  },
  'preflight-redis-addresses': {
    broken: cluster('redis', { addresses: ['a:1', 'b:1'] }),
    shows: [/redis.addresses a:1, b:1/, /redis.cluster false/],
    quiet: cluster('redis', { addresses: ['a:1', 'b:1'], cluster: true }),
  },
  'preflight-cassandra-replication': {
    broken: cassandra({
      keyspaces: { hunt: { class: 'SimpleStrategy', replication_factor: '3' } },
    }),
    shows: [/replication of hunt SimpleStrategy, replication_factor: 3/, /dc1: 3/],
    quiet: cassandra({ keyspaces: {} }),
  },
  'preflight-people-replication': {
    broken: cassandra({
      keyspaces: { hunt_people: { class: 'NetworkTopologyStrategy', dc1: '1' } },
    }),
    shows: [/replication of hunt_people NetworkTopologyStrategy, dc1: 1/, /dc1: 3/],
    quiet: {
      ...cassandra({ keyspaces: { hunt_people: { class: 'SimpleStrategy' } } }),
      cluster: {
        ...healthyCluster.cluster,
        identity: { address: '10.0.0.1:7301', database: '/var/lib/hunt/identity.db' },
      },
    },
  },
  'preflight-people-keyspace': {
    broken: cluster('identity', { keyspace: 'hunt' }),
    shows: [/identity.keyspace hunt/, /cassandra.keyspace hunt/],
  },
  'preflight-cassandra-quorum': {
    broken: copies(3, 1),
    shows: [/3 copies, so a quorum is 2/, /servers in dc1 1/],
    quiet: copies(3, 3),
  },
  'preflight-cassandra-copies': {
    broken: copies(3, 2),
    shows: [/3 copies/, /servers in dc1 2/],
    quiet: copies(3, 4),
  },
  'preflight-cassandra-two-copies': {
    broken: copies(2, 2),
    shows: [/2 copies/, /LOCAL_QUORUM both/],
  },
  'preflight-cassandra-one-copy': {
    broken: { ...copies(1, 2), ...withSetting(copies(1, 2), 'commitlog_sync', 'group') },
    shows: [/1 copy/, /servers in dc1 2/],
    quiet: withSetting(copies(1, 1), 'commitlog_sync', 'group'),
  },
  'preflight-cassandra-local-copies': {
    broken: cluster('cassandra', { replication: { class: 'NetworkTopologyStrategy', dc2: '3' } }),
    shows: [/cassandra.dataCenter dc1/, /for dc2/],
    quiet: cluster('cassandra', {
      replication: { class: 'NetworkTopologyStrategy', replication_factor: '3' },
    }),
    alsoFound: ['preflight-cassandra-replication', 'preflight-people-replication'],
  },
  'preflight-cassandra-strategy': {
    broken: {
      ...cluster('cassandra', { replication: simple }),
      ...cassandra({ nodes: twoCentres(), keyspaces: { hunt: simple } }),
    },
    shows: [/SimpleStrategy/, /data centres dc1, dc2/],
    quiet: cassandra({ nodes: twoCentres(), keyspaces: {} }),
  },
  'preflight-cassandra-silent': {
    broken: cassandra({ silent: ['10.0.0.6:9042'] }),
    shows: [/server 10.0.0.6:9042/, /connection failed, or took more than 2500 ms 10.0.0.6:9042/],
  },
  'preflight-cassandra-schema': {
    broken: cassandra({
      nodes: healthyCluster.cassandra.nodes.map((node, index) => ({
        ...node,
        schemaVersion: index === 1 ? 'b2' : 'a1',
      })),
    }),
    shows: [/schema version a1 10.0.0.5:9042, 10.0.0.7:9042/, /schema version b2 10.0.0.6:9042/],
  },
  'preflight-cassandra-commitlog': {
    broken: copies(1, 1),
    shows: [/commitlog_sync periodic/, /1 copy/],
    quiet: withSetting(copies(1, 1), 'commitlog_sync', 'group'),
  },
  'preflight-cassandra-mutation-size': {
    broken: cassandraSetting('max_mutation_size', '256KiB'),
    shows: [/max_mutation_size 256KiB/, /256 KiB/],
    quiet: cassandraSetting('max_mutation_size', '512KiB'),
  },
  'preflight-cassandra-timeouts': {
    broken: cassandraSetting('write_request_timeout', '6s'),
    shows: [/archive.requestTimeoutMs 5s/, /write_request_timeout 6000 ms/],
    quiet: cassandraSetting('write_request_timeout', '5s'),
  },
  'preflight-clock-redis': {
    broken: { redisClock: { server: 'Redis x', aheadMs: 2_051, uncertainMs: 50 } },
    shows: [/2051 ms ahead of the server's Redis x/, /clockSkewMaxMs 2000/],
    quiet: { redisClock: { server: 'Redis x', aheadMs: -2_050, uncertainMs: 50 } },
  },
  'preflight-clock-cassandra': {
    broken: { cassandraClock: { server: 'Cassandra x', aheadMs: -3_000, uncertainMs: 50 } },
    shows: [/3000 ms behind the server's Cassandra x/, /clockSkewMaxMs 2000/],
    quiet: { cassandraClock: { server: 'Cassandra x', aheadMs: 2_000, uncertainMs: 0 } },
  },
};

function nodes(names: readonly string[]): FactTable['zookeeper']['members'] {
  return names.map((nodeId) => ({
    nodeId,
    address: `${nodeId}:7301`,
    encryption: 'require',
    roles: ['processor'],
  }));
}

function twoCentres(): FactTable['cassandra']['nodes'] {
  const { nodes } = healthyCluster.cassandra;
  return [...nodes, { ...nodes[0]!, address: '10.1.0.5:9042', dataCenter: 'dc2' }];
}

function withSetting(change: Change, name: string, value: string): Change {
  const { cassandra: facts = healthyCluster.cassandra } = change;
  return { ...change, cassandra: { ...facts, settings: { ...facts.settings, [name]: value } } };
}

function factsOf(change: Change = {}): Facts {
  const all = Object.entries({ ...healthyCluster, ...change });
  return Object.fromEntries(all.map(([name, value]) => [name, { value }]));
}

function found(change?: Change): ReturnType<typeof judge>['findings'] {
  return judge(allRules, factsOf(change)).findings;
}

test('all is well with the healthy cluster, and every rule was held against it', () => {
  const report = judge(allRules, factsOf());
  assert.deepEqual(report.findings, []);
  assert.deepEqual(report.unasked, []);
  assert.deepEqual(
    report.checked,
    allRules.map(({ id }) => id),
  );
});

test('every rule has a case, and there are more than thirty', () => {
  const ids = allRules.map(({ id }) => id).filter((id) => id !== serverRefusesRule.id);
  assert.ok(ids.length > 30);
  assert.deepEqual([...ids].sort(), Object.keys(cases).sort());
  assert.equal(new Set(ids).size, ids.length);
});

suite('a rule is broken, and told with both values', () => {
  for (const [id, { broken, shows, alsoFound = [] }] of Object.entries(cases)) {
    test(id, () => {
      const findings = found(broken);
      const mine = findings.find((finding) => finding.id === id);
      assert.ok(mine, `found ${findings.map((finding) => finding.id)}`);
      for (const [index, expected] of shows.entries()) {
        const { what, value, source } = mine.values[index]!;
        assert.match(`${what} ${value} ${source}`, expected);
        assert.deepEqual(Object.keys(mine.values[index]!), ['what', 'value', 'source']);
      }
      assert.match(mine.change, /^[A-Z].*\.$/);
      // Nothing else is wrong with it but what follows from the same values.
      const others = new Set(findings.map((finding) => finding.id));
      others.delete(id);
      assert.deepEqual([...others].sort(), [...alsoFound].sort());
    });
  }
});

suite('a rule that just holds is quiet', () => {
  for (const [id, { quiet }] of Object.entries(cases)) {
    if (quiet === undefined) continue;
    test(id, () => {
      assert.deepEqual(
        found(quiet).filter((finding) => finding.id === id),
        [],
      );
    });
  }
});

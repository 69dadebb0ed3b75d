/*
 * Real Kafka, ZooKeeper, Redis and Cassandra, and a node on them: all is well with what it made. Then mismatches are
 * planted on the servers and in files, and `hunt preflight --json` has to name each, and nothing must have changed.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Admin } from '@platformatic/kafka';
import cassandra from 'cassandra-driver';
import { Redis } from 'ioredis';
import { openKafkaSharedLog } from 'veltrix/kafka';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import { type HuntRun, runHunt } from '../testing/hunt-process.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';

const skip = whyNoCluster ?? false;
const planted = 'planted';
const logMessageBytes = `${(8 << 20) + 280}`;

let cluster: ClusterDeployment;
let admin: Admin;
let redis: Redis;
let session: cassandra.Client;

// Servers start slowly where the machine is busy.
before(
  async () => {
    if (skip) return;
    cluster = await ClusterDeployment.start({ partitions: 2, identity: 'cassandra' });
    admin = new Admin({ clientId: 'planter', bootstrapBrokers: [...cluster.kafka.bootstrap] });
    const [host = '', port = ''] = cluster.redis.addresses[0]!.split(':');
    redis = new Redis(Number(port), host);
    session = new cassandra.Client({
      contactPoints: [cluster.cassandra.contactPoint],
      localDataCenter: 'datacenter1',
    });
    await session.connect();
    const node = await cluster.node('one', ['--hunt', sampleHuntFile]);
    await node.ready(120_000);
  },
  { timeout: 300_000 },
);

after(async () => {
  redis?.disconnect();
  await session?.shutdown();
  await admin?.close();
  await cluster?.stop();
});

interface Told {
  readonly run: HuntRun;
  /** Both values and the change of each finding, a line each, by the rule's id. */
  readonly found: ReadonlyMap<string, string>;
  readonly unasked: readonly { readonly what: string; readonly reason: string }[];
}

async function preflight(file: string, ...flags: readonly string[]): Promise<Told> {
  const run = await runHunt(['preflight', '--cluster', file, '--json', ...flags]);
  const { findings, unasked } = JSON.parse(run.output);
  const found = new Map<string, string>();
  for (const { id, values, change } of findings) {
    const line = JSON.stringify(values) + change;
    found.set(id, [...(found.get(id)?.split('\n') ?? []), line].join('\n'));
  }
  return { run, found, unasked };
}

function assertFound({ found }: Told, expected: Readonly<Record<string, RegExp>>): void {
  for (const [id, shows] of Object.entries(expected)) {
    assert.match(found.get(id) ?? `${id} is not among ${[...found.keys()]}`, shows);
  }
}

async function plantTopic(
  name: string,
  settings: Readonly<Record<string, string>>,
  partitions = 2,
): Promise<void> {
  const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
  await admin.createTopics({ topics: [name], partitions, replicas: 1, configs });
}

suite('hunt preflight on real servers', { skip, timeout: 300_000 }, () => {
  test('what a node has made is well: nothing refuses, and everything could be asked', async () => {
    const { run, found, unasked } = await preflight(
      ...[cluster.file, '--node', 'two', '--address', '127.0.0.1:9'],
    );
    assert.deepEqual(unasked, []);
    const severities = JSON.parse(run.output).findings.map(
      ({ severity }: { severity: string }) => severity,
    );
    assert.ok(!severities.includes('refuses'), [...found].join('\n'));
    assert.ok(run.code === 0 || run.code === 4, `${run.code} ${run.errors}`);
    const { checked } = JSON.parse(run.output);
    assert.ok(checked.length > 60, `${checked.length} rules`);
  });

  test('topics that would lose records, or refuse them', async () => {
    await plantTopic(
      `${planted}.commands`,
      {
        'cleanup.policy': 'compact',
        'unclean.leader.election.enable': 'true',
        'compression.type': 'gzip',
        'max.message.bytes': '1048576',
        'message.timestamp.type': 'CreateTime',
        'retention.ms': '-1',
      },
      3,
    );
    await plantTopic(`${planted}.events`, {
      'retention.ms': '3600000',
      'max.message.bytes': logMessageBytes,
    });
    await plantTopic(`${planted}.checkpoints`, { 'cleanup.policy': 'delete' });
    const file = cluster.variant({ kafka: { prefix: planted, replication: 2, minInSync: 2 } });
    const told = await preflight(file, '--set', 'log.retainBytes=1MiB');
    assert.equal(told.run.code, 1);
    assertFound(told, {
      'preflight-topic-cleanup': /cleanup.policy of planted.commands.*compact/,
      'preflight-checkpoints-cleanup': /cleanup.policy of planted.checkpoints.*delete/,
      'preflight-topic-retention': /retention.ms of planted.events.*3600000/,
      'preflight-topic-unclean-leader': /planted.commands.*true/,
      'preflight-topic-compression': /planted.commands.*gzip/,
      'preflight-topic-message-size': /planted.commands.*1048576.*8388888 at least/,
      'preflight-topic-timestamps': /planted.commands.*CreateTime/,
      'preflight-topic-partitions': /planted.commands.*"3".*"2"/,
      'preflight-topic-replication': /replicas of planted.*"1".*"2"/,
      'preflight-topic-min-insync': /min.insync.replicas of planted.*"1".*2 at least/,
      'preflight-topic-segments': /segment.bytes of planted.*log.retainBytes/,
      'preflight-broker-count': /kafka.replication.*"2".*brokers.*"1"/,
      'preflight-acks-slack': /kafka.minInSync.*"2".*kafka.replication.*"2"/,
    });
  });

  test('a Redis that evicts and is full, and one that is given as another kind', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', '2mb');
    try {
      const addresses = [...cluster.redis.addresses];
      const evicting = await preflight(
        cluster.variant({ redis: { addresses: [...addresses, ...addresses] } }),
      );
      assertFound(evicting, {
        'preflight-redis-eviction': /allkeys-lru.*noeviction/,
        'preflight-redis-addresses': /redis.addresses.*redis.cluster/,
      });
      const clustered = await preflight(cluster.variant({ redis: { cluster: true } }));
      assertFound(clustered, { 'preflight-redis-mode': /redis.cluster.*true.*cluster_enabled.*0/ });
    } finally {
      await redis.config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
    }
  });

  test('a keyspace with more copies than servers, which is not as the file says', async () => {
    const replication = `{'class': 'SimpleStrategy', 'replication_factor': 3}`;
    await session.execute(`CREATE KEYSPACE planted WITH replication = ${replication}`);
    const file = cluster.variant({
      cassandra: { keyspace: planted },
      identity: { keyspace: planted },
    });
    assertFound(await preflight(file, '--set', 'archive.requestTimeoutMs=100ms'), {
      'preflight-cassandra-replication': /replication of planted.*replication_factor: 3.*: 1/,
      'preflight-cassandra-quorum': /3 copies, so a quorum is 2.*servers in datacenter1.*"1"/,
      'preflight-people-keyspace': /identity.keyspace.*cassandra.keyspace/,
      'preflight-cassandra-timeouts': /archive.requestTimeoutMs.*100ms/,
    });
  });

  test('time-outs in the wrong order, and a session that ZooKeeper does not grant', async () => {
    const long = await preflight(cluster.variant({ zookeeper: { sessionTimeoutMs: 60_000 } }));
    assertFound(long, {
      'preflight-session-granted': /60000.*session granted.*10000 ms/,
      'preflight-session-wait': /gateway.waitMaxMs.*5s.*60000/,
    });
    const short = await preflight(cluster.variant({ zookeeper: { sessionTimeoutMs: 1_000 } }));
    assertFound(short, {
      'preflight-session-heartbeat': /1000.*every 500 ms/,
      'preflight-session-silence': /1000.*2000 ms/,
    });
  });

  test('a log of another plan, another log beside the same stores, and a node that is there twice', async () => {
    const plan = await preflight(
      ...[cluster.variant({ partitions: 1, dedupeWindow: 16_384 }), '--node', 'one'],
      ...['--address', '127.0.0.1:9'],
    );
    assertFound(plan, {
      'preflight-log-identity': /partitions.*"1".*partitions of the log.*"2"/,
      'preflight-dedupe-inflight': /16384.*20000/,
      'preflight-topic-partitions': /partitions of hunt.commands.*"2".*"1"/,
      'preflight-node-name': /one at 127.0.0.1:9.*one at 127.0.0.1/,
    });
    const { bootstrap } = cluster.kafka;
    const log = await openKafkaSharedLog({
      ...{ bootstrap, prefix: 'other', partitionCount: 2, dedupeWindow: 65_536, replication: 1 },
    });
    const { logId } = log.identity;
    await new Promise<void>((resolve) => log.close(() => resolve()));
    const other = await preflight(cluster.variant({ kafka: { prefix: 'other' } }));
    assert.equal(other.run.code, 1);
    for (const id of ['preflight-log-plan', 'preflight-log-archive', 'preflight-log-views']) {
      assertFound(other, { [id]: new RegExp(logId) });
    }
  });

  test('an archive that is ahead of the log', async () => {
    await session.execute(
      `UPDATE hunt.cursors USING TIMESTAMP 9000000000000000 SET next_offset = 1000000
        WHERE scope = 'log' AND log_partition = 1`,
    );
    const told = await preflight(cluster.file);
    assert.equal(told.run.code, 1);
    assertFound(told, { 'preflight-archive-ahead': /partition 1 archived.*1000000.*log ends/ });
  });

  test('an address at which another program answers refuses, and the rest is asked all the same', async () => {
    const told = await preflight(
      cluster.variant({ kafka: { bootstrap: [cluster.cassandra.contactPoint] } }),
    );
    assert.equal(told.run.code, 1);
    assertFound(told, { 'preflight-server-refuses': /veltrix-kafka-not-kafka/ });
    assert.deepEqual(
      told.unasked.map(({ what }) => what),
      ['Kafka topics', 'Kafka brokers', 'log'],
    );
  });

  test('a start that nothing else would have stopped ends with the id of the rule', async () => {
    const file = cluster.variant({ dedupeWindow: 2 ** 25, kafka: { prefix: 'never' } });
    const own = cluster.variant({
      ...{ dedupeWindow: 2 ** 25, zookeeper: { prefix: '/never' } },
      kafka: { prefix: 'never' },
    });
    assertFound(await preflight(file), { 'preflight-dedupe-window': /33554432.*16777216/ });
    const node = await cluster.node('three', [], { file: own });
    assert.equal((await node.refusal(60_000)).id, 'preflight-dedupe-window');
    assert.match(node.log, /preflight-dedupe-window/);
    const topics = await admin.listTopics();
    assert.ok(!topics.some((topic) => topic.startsWith('never')), `${topics}`);
  });
});

/*
 * What one server alone, or one as it comes, does not show: two servers of Cassandra, and a broker that reads small requests only. All else is as in a healthy cluster.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCassandra, startKafka, whyNotAvailable } from '@hunt/services';
import { CassandraSession } from '../archive/cassandra/cassandra-session.ts';
import { cassandraPlace } from '../cluster/open-cluster-identity.ts';
import type { Facts, FactTable } from './facts.ts';
import { judge } from './judge.ts';
import { cassandraFacts } from './probes/cassandra-probe.ts';
import { kafkaFacts } from './probes/kafka-probe.ts';
import { brokerRules } from './rules/broker-rules.ts';
import { cassandraRules } from './rules/cassandra-rules.ts';
import { clockRules } from './rules/clock-rules.ts';
import { healthyCluster } from './testing/healthy-facts.ts';

const askMs = 10_000;

/** Values of each finding, by the rule's id. */
function found(
  rules: Parameters<typeof judge>[0],
  cluster: FactTable['cluster'],
  asked: Facts,
): ReadonlyMap<string, string> {
  const { settings, deployment } = healthyCluster;
  const healthy = { settings: { value: settings }, deployment: { value: deployment } };
  const { findings, unasked } = judge(rules, { ...healthy, cluster: { value: cluster }, ...asked });
  const silent = unasked.filter(({ what }) => !/Redis/.test(what));
  assert.deepEqual(silent, []);
  return new Map(findings.map(({ id, values }) => [id, JSON.stringify(values)]));
}

test('two servers of Cassandra: copies, clocks that are apart, and one that is frozen while tables change', {
  skip: whyNotAvailable('cassandra') ?? false,
  timeout: 240_000,
}, async (t) => {
  const servers = await startCassandra({ own: true, nodes: 2, heapMb: 256 });
  t.after(() => servers.stop());
  const { tls: _, ...plain } = healthyCluster.cluster.cassandra;
  const clusterOf = (copies: string): FactTable['cluster'] => ({
    ...healthyCluster.cluster,
    cassandra: {
      ...plain,
      ...{ contactPoints: [servers.contactPoint], dataCenter: 'datacenter1' },
      replication: { class: 'NetworkTopologyStrategy', datacenter1: copies },
    },
  });
  const rules = [...cassandraRules, ...clockRules];
  const judged = async (copies: string) => {
    const cluster = clusterOf(copies);
    return found(rules, cluster, await cassandraFacts(cluster, askMs));
  };
  const [one, two, three] = [await judged('1'), await judged('2'), await judged('3')];
  assert.match(one.get('preflight-cassandra-one-copy') ?? '', /1 copy.*servers.*"2"/);
  assert.deepEqual([...two.keys()], ['preflight-cassandra-two-copies']);
  assert.match(three.get('preflight-cassandra-copies') ?? '', /3 copies.*servers.*"2"/);

  const { now } = Date;
  const ahead = t.mock.method(Date, 'now', () => now() + 5_000);
  assert.match((await judged('2')).get('preflight-clock-cassandra') ?? '', /ahead of the server/);
  ahead.mock.restore();

  const cluster = clusterOf('2');
  const connected = async () => {
    const place = { ...cassandraPlace(cluster.cassandra), keyspace: 'hunt', logId: '' };
    const session = await CassandraSession.connect({ ...place, requestTimeoutMs: 1_000 });
    t.after(() => session.close());
    return session;
  };
  const both = await connected();
  await assertOneServerTells(both);
  await both.define(`CREATE KEYSPACE hunt WITH replication =
    {'class': 'NetworkTopologyStrategy', 'datacenter1': 2}`);
  await both.define('CREATE TABLE hunt.identity (name text PRIMARY KEY, log_id text)');
  const frozen = servers.contactPoints[1]!;
  servers.freeze(1);
  try {
    const began = performance.now();
    const asked = await cassandraFacts(cluster, askMs);
    assert.ok(performance.now() - began < askMs);
    const findings = found(rules, cluster, asked);
    assert.deepEqual(
      [...findings.keys()],
      ['preflight-cassandra-two-copies', 'preflight-cassandra-silent'],
    );
    assert.match(findings.get('preflight-cassandra-silent')!, new RegExp(`"${frozen}"`));
    // What both copies have to say, one of them cannot.
    assert.ok('unasked' in asked.archive!);

    const living = await connected();
    // The driver waits ten seconds for servers to agree.
    await living.define('CREATE TABLE hunt.missed (name text PRIMARY KEY)');
    const changed = await cassandraFacts(cluster, askMs);
    const said = found(rules, cluster, changed).get('preflight-cassandra-schema') ?? '';
    for (const address of servers.contactPoints) assert.match(said, new RegExp(hostOf(address)));
    assert.ok('unasked' in changed.archive!);
  } finally {
    servers.wake(1);
  }
});

/** The driver asks servers in turn: it would have one tell of itself, and another one of its neighbours. */
async function assertOneServerTells(session: CassandraSession): Promise<void> {
  for (let time = 0; time < 3; time++) {
    const rows = [
      ...(await session.rowsOfOneServer('SELECT rpc_address AS host FROM system.local', [])),
      ...(await session.rowsOfOneServer('SELECT peer AS host FROM system.peers', [])),
    ];
    assert.deepEqual(rows.map(({ host }) => String(host)).sort(), ['127.0.0.1', '127.0.0.2']);
  }
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

test('a broker that reads small requests, answers with little, and waits long for a copy', {
  skip: whyNotAvailable('kafka') ?? false,
  timeout: 240_000,
}, async (t) => {
  const kafka = await startKafka({
    ...{ own: true, heapMb: 512 },
    properties: {
      'socket.request.max.bytes': '1048576',
      'fetch.max.bytes': '1048576',
      'replica.lag.time.max.ms': '300000',
    },
  });
  t.after(() => kafka.stop());
  const asked = await kafkaFacts(
    {
      ...{ bootstrap: kafka.bootstrap, prefix: 'hunt', replication: 1 },
      ...{ partitionCount: 4, dedupeWindow: 1 << 18 },
    },
    askMs,
  );
  const findings = found(brokerRules, healthyCluster.cluster, asked);
  assert.match(
    findings.get('preflight-broker-request-size') ?? '',
    /socket.request.max.bytes.*1048576.*broker 1.*log.recordMaxBytes/,
  );
  assert.match(findings.get('preflight-broker-fetch-size') ?? '', /fetch.max.bytes.*1048576/);
  assert.match(findings.get('preflight-broker-replica-lag') ?? '', /300000/);
  assert.match(findings.get('preflight-broker-count') ?? '', /"3".*brokers.*"1"/);
});

/*
 * Two real servers of Cassandra, one cluster; the driver calls the second one by a proxy, which takes it away from this
 * process alone. What was asked of it is asked of the first one again, as often as the budget allows.
 */
import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { FaultProxy, type RunningCassandra, startCassandra, whyNotAvailable } from '@hunt/services';
import { defaultCassandraLimits } from '../cassandra-limits.ts';
import { CassandraSession } from './cassandra-session.ts';
import { CassandraTraffic } from './cassandra-traffic.ts';

const skip = whyNotAvailable('cassandra') ?? false;
const proxiedHost = '127.0.0.3';
/** Each server knows it; so either is asked, in turns. */
const query = 'SELECT release_version FROM system.local';

let servers: RunningCassandra;
let proxy: FaultProxy;

before(
  async () => {
    if (skip) return;
    servers = await startCassandra({ own: true, nodes: 2, heapMb: 256, proxiedHost });
    const [, second = ''] = servers.contactPoints;
    const port = Number(second.split(':')[1]);
    proxy = await FaultProxy.listen(second, { host: proxiedHost, port });
  },
  { timeout: 240_000 },
);
after(async () => {
  await proxy?.close();
  await servers?.stop();
});

/** One that has a connection to each server. */
async function connected(t: TestContext, limits: () => { readonly retryPercent: number }) {
  proxy.heal();
  const traffic = new CassandraTraffic(() => ({ ...defaultCassandraLimits, ...limits() }));
  const session = await CassandraSession.connect({
    ...{ contactPoints: [servers.contactPoint], localDataCenter: 'datacenter1', traffic },
    ...{ keyspace: 'unused', replication: {}, logId: '', requestTimeoutMs: 1_000 },
  });
  t.after(() => session.close());
  await session.rows(query, []);
  assert.ok(proxy.connections > 0, 'the second server was not called');
  return { session, traffic, counts: traffic.retries.counts };
}

/** Nothing is saved up any more. Returns what is withheld from here on. */
function spend(traffic: CassandraTraffic): () => number {
  while (traffic.mayTryAgain());
  const { withheld } = traffic.retries.counts;
  return () => traffic.retries.counts.withheld - withheld;
}

/** Ids of the errors of so many that are asked at once; undefined for those that were answered. */
async function asked(session: CassandraSession, times: number) {
  const all = await Promise.allSettled(
    Array.from({ length: times }, () => session.rows(query, [])),
  );
  return all.map((one) =>
    one.status === 'rejected' ? (one.reason as { id?: string }).id : undefined,
  );
}

suite('with one of two servers of Cassandra out of reach', { skip, timeout: 120_000 }, () => {
  test('what it was asked is asked of the other, and everybody is answered', async (t) => {
    const { session, counts } = await connected(t, () => ({ retryPercent: 20 }));
    assert.equal(counts.allowed, 0);
    proxy.hold();
    const ids = await asked(session, 60);
    assert.deepEqual(ids, Array(60).fill(undefined));
    assert.ok(counts.allowed >= 20, `${counts.allowed} retries`);
    assert.equal(counts.withheld, 0);
  });

  test('no more than the budget allows: the others are told that it is unavailable', async (t) => {
    const { session, traffic, counts } = await connected(t, () => ({ retryPercent: 0 }));
    proxy.hold();
    const withheld = spend(traffic);
    const { allowed } = counts;
    const ids = await asked(session, 60);
    const failed = ids.filter((id) => id !== undefined);
    assert.ok(
      failed.every((id) => id === 'engine-archive-unavailable'),
      `${failed}`,
    );
    assert.equal(withheld(), failed.length);
    assert.ok(failed.length >= 10, `${failed.length} of 60 failed`);
    // None is saved up, and 20 a second come in; the requests take one second.
    assert.ok(counts.allowed - allowed < 25, `${counts.allowed - allowed} retries`);
  });

  test('a vote whose answer was lost is asked of the other, and counts for whoever asked for it', async (t) => {
    const { session } = await connected(t, () => ({ retryPercent: 100 }));
    await session.define(
      `CREATE KEYSPACE IF NOT EXISTS votes WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2}`,
    );
    await session.define(
      'CREATE TABLE IF NOT EXISTS votes.names (name text PRIMARY KEY, team text)',
    );
    const insert = 'INSERT INTO votes.names (name, team) VALUES (?, ?) IF NOT EXISTS';
    const vote = (team: string, name: number) => session.writeIfNew(insert, [`${name}`, team]);
    const names = Array.from({ length: 20 }, (_, name) => name);
    assert.equal(await vote('owls', 100), true);
    proxy.hold('to-client');
    const applied = await Promise.all(names.map((name) => vote('owls', name)));
    assert.deepEqual(applied, Array(20).fill(true));
    proxy.heal();
    const taken = await Promise.all(names.map((name) => vote('bears', name)));
    assert.deepEqual(taken, Array(20).fill(false));
  });

  test('when its connections are cut, too, and it is asked again once they are back', async (t) => {
    let retryPercent = 0;
    const { session, traffic } = await connected(t, () => ({ retryPercent }));
    proxy.hold('to-client');
    const withheld = spend(traffic);
    const asking = asked(session, 60);
    await new Promise((resolve) => setTimeout(resolve, 100));
    proxy.cut();
    const failed = (await asking).filter((id) => id !== undefined);
    assert.ok(failed.length >= 10, `${failed.length} of 60 failed`);
    assert.ok(
      failed.every((id) => id === 'engine-archive-unavailable'),
      `${failed}`,
    );
    assert.equal(withheld(), failed.length);
    retryPercent = 100;
    proxy.heal();
    for (const until = performance.now() + 30_000; proxy.connections === 0; ) {
      assert.ok(performance.now() < until, 'the second server is not called again');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.deepEqual(await asked(session, 20), Array(20).fill(undefined));
  });
});

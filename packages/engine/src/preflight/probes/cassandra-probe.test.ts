/* Servers that answer, some late, and sessions that do not end. */
import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import type { CassandraArchiveOptions } from '../../archive/cassandra/cassandra-options.ts';
import { CassandraSession, type Row } from '../../archive/cassandra/cassandra-session.ts';
import { healthyCluster } from '../testing/healthy-facts.ts';
import { cassandraFacts } from './cassandra-probe.ts';

/** One server, of which the clock is asked first; `close` never ends. */
function session(rows: () => Promise<Row[]>) {
  const close = mock.fn(() => new Promise<void>(() => {}));
  return { rows, rowsOfOneServer: async () => [], unconnected: () => [], close };
}

function connectsTo(t: TestContext, servers: ReturnType<typeof session>) {
  return t.mock.method(
    CassandraSession,
    'connect',
    async (_: CassandraArchiveOptions) => servers as unknown as CassandraSession,
  );
}

test('what was learned is told though the session is slow to close', async (t) => {
  const servers = session(async () => []);
  const connect = connectsTo(t, servers);
  const facts = await cassandraFacts(healthyCluster.cluster, 500);
  assert.ok('value' in facts.cassandra!);
  assert.deepEqual(facts.archive, { value: { logId: undefined, cursors: {} } });
  assert.equal(servers.close.mock.callCount(), 1);
  const { connectTimeoutMs, requestTimeoutMs } = connect.mock.calls[0]!.arguments[0];
  assert.deepEqual([connectTimeoutMs, requestTimeoutMs], [125, 500]);
});

test('where nothing of the time is left, the archive was not asked for want of it', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  connectsTo(
    t,
    session(async () => {
      now = 490;
      return [];
    }),
  );
  const facts = await cassandraFacts(healthyCluster.cluster, 500);
  assert.ok('value' in facts.cassandra!);
  assert.deepEqual(facts.archive, { unasked: 'other answers took all of 500 ms' });
});

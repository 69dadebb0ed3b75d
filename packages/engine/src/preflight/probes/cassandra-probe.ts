import { CassandraSession } from '../../archive/cassandra/cassandra-session.ts';
import { reads } from '../../archive/cassandra/cql.ts';
import type { ClusterConfig } from '../../cluster/cluster-config.ts';
import { cassandraPlace } from '../../cluster/open-cluster-identity.ts';
import type { CassandraFacts, ClockFacts, Facts } from '../facts.ts';
import { ask, part } from './ask.ts';

interface Answer {
  readonly facts: CassandraFacts;
  readonly clock: ClockFacts;
}

const settingNames = [
  'commitlog_sync',
  'max_mutation_size',
  'read_request_timeout',
  'write_request_timeout',
];

export async function cassandraFacts(
  { cassandra, identity }: Pick<ClusterConfig, 'cassandra' | 'identity'>,
  timeoutMs: number,
): Promise<Pick<Facts, 'cassandra' | 'cassandraClock'>> {
  const answer = await ask<Answer>(timeoutMs, async () => {
    const { keyspace } = cassandra;
    const place = {
      ...cassandraPlace(cassandra),
      keyspace,
      logId: '',
      requestTimeoutMs: timeoutMs,
    };
    const session = await CassandraSession.connect(place);
    try {
      const clock = await clockOf(session, cassandra.contactPoints.join(', '));
      const names = [keyspace, ...('keyspace' in identity ? [identity.keyspace] : [])];
      const [nodes, keyspaces, settings] = await Promise.all([
        nodesOf(session),
        keyspacesOf(session, names),
        settingsOf(session),
      ]);
      const isMade = keyspaces[keyspace] !== undefined;
      const logId = isMade ? await logIdOf(session, keyspace) : undefined;
      const cursors = isMade ? await cursorsOf(session, keyspace) : {};
      return { facts: { nodes, keyspaces, settings, logId, cursors }, clock };
    } finally {
      await session.close();
    }
  });
  return {
    cassandra: part(answer, ({ facts }) => ({ value: facts })),
    cassandraClock: part(answer, ({ clock }) => ({ value: clock })),
  };
}

async function clockOf(session: CassandraSession, server: string): Promise<ClockFacts> {
  const query = 'SELECT toTimestamp(now()) AS now FROM system.local';
  // The first one prepares the question.
  await session.rows(query, []);
  const asked = Date.now();
  const [row] = await session.rows(query, []);
  const uncertainMs = (Date.now() - asked) / 2;
  const serverNow = Number(row?.['now'] ?? asked);
  const aheadMs = asked + uncertainMs - serverNow;
  return { server: `Cassandra ${server}`, aheadMs, uncertainMs };
}

async function nodesOf(session: CassandraSession): Promise<CassandraFacts['nodes']> {
  const columns = 'data_center, schema_version';
  const own = await session.rows(`SELECT rpc_address AS address, ${columns} FROM system.local`, []);
  const peers = await session.rows(`SELECT peer AS address, ${columns} FROM system.peers`, []);
  return [...own, ...peers].map((row) => ({
    address: String(row['address']),
    dataCenter: String(row['data_center']),
    schemaVersion: String(row['schema_version']),
  }));
}

async function keyspacesOf(
  session: CassandraSession,
  names: readonly string[],
): Promise<CassandraFacts['keyspaces']> {
  const query = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?';
  const found: Record<string, Readonly<Record<string, string>>> = {};
  for (const name of names) {
    const [row] = await session.rows(query, [name]);
    if (row) found[name] = row['replication'] as Readonly<Record<string, string>>;
  }
  return found;
}

async function settingsOf(session: CassandraSession): Promise<CassandraFacts['settings']> {
  const query = 'SELECT value FROM system_views.settings WHERE name = ?';
  const found: Record<string, string> = {};
  for (const name of settingNames) {
    // Releases before 4.0 have no such table, and some have other names.
    const [row] = await session.rows(query, [name]).catch(() => []);
    if (typeof row?.['value'] === 'string') found[name] = row['value'];
  }
  return found;
}

/** A keyspace without our tables is another one's, or is about to be made. */
async function logIdOf(session: CassandraSession, keyspace: string): Promise<string | undefined> {
  const query = `SELECT log_id FROM ${keyspace}.identity WHERE name = 'archive'`;
  const [row] = await session.rows(query, []).catch(() => []);
  return row === undefined ? undefined : String(row['log_id']);
}

async function cursorsOf(
  session: CassandraSession,
  keyspace: string,
): Promise<CassandraFacts['cursors']> {
  const query = reads.cursors.replace('FROM ', `FROM ${keyspace}.`);
  const rows = await session.rows(query, []).catch(() => []);
  return Object.fromEntries(
    rows.map((row) => [Number(row['log_partition']), Number(row['next_offset'])]),
  );
}

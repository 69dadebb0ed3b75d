import { CodedError } from 'veltrix';
import { CassandraSession, type Row } from '../../archive/cassandra/cassandra-session.ts';
import { reads } from '../../archive/cassandra/cql.ts';
import type { ClusterConfig } from '../../cluster/cluster-config.ts';
import { cassandraPlace } from '../../cluster/open-cluster-identity.ts';
import type { ArchiveFacts, CassandraFacts, ClockFacts, Fact, Facts } from '../facts.ts';
import { ask, part } from './ask.ts';

interface Answer {
  readonly facts: CassandraFacts;
  readonly clock: ClockFacts;
  readonly archive: Fact<ArchiveFacts>;
}

/**
 * Of the time, for a connection to one server. One that is silent is met twice, where the contact points name it: by who
 * connects, and by who connects to the others then. All that is left is for what is asked.
 */
const connectShare = 0.25;
/** Of the time, for all that is asked: what was learned until then is told in time. */
const askedShare = 0.9;

const settingNames = [
  'commitlog_sync',
  'max_mutation_size',
  'read_request_timeout',
  'write_request_timeout',
];

/** What servers that answer tell, also of those that do not; apart from it what a quorum has to say. */
export async function cassandraFacts(
  { cassandra, identity }: Pick<ClusterConfig, 'cassandra' | 'identity'>,
  timeoutMs: number,
): Promise<Pick<Facts, 'cassandra' | 'cassandraClock' | 'archive'>> {
  const waitedMs = Math.ceil(timeoutMs * connectShare);
  const until = performance.now() + timeoutMs * askedShare;
  const answer = await ask<Answer>(timeoutMs, async () => {
    const { keyspace } = cassandra;
    const place = {
      ...{ ...cassandraPlace(cassandra), keyspace, logId: '' },
      ...{ connectTimeoutMs: waitedMs, requestTimeoutMs: timeoutMs },
    };
    const session = await CassandraSession.connect(place);
    try {
      const silent = session.unconnected();
      const clock = await clockOf(session, cassandra.contactPoints.join(', '));
      const names = [keyspace, ...('keyspace' in identity ? [identity.keyspace] : [])];
      const [nodes, keyspaces, settings] = await Promise.all([
        nodesOf(session),
        keyspacesOf(session, names),
        settingsOf(session),
      ]);
      const isMade = keyspaces[keyspace] !== undefined;
      const leftMs = Math.ceil(until - performance.now());
      const archive =
        leftMs > 0
          ? await ask(leftMs, () => archiveOf(session, isMade ? keyspace : undefined))
          : { unasked: `other answers took all of ${timeoutMs} ms` };
      return { facts: { nodes, silent, waitedMs, keyspaces, settings }, clock, archive };
    } finally {
      // What was learned does not wait for servers that are slow to let go.
      void session.close().catch(() => {});
    }
  });
  return {
    cassandra: part(answer, ({ facts }) => ({ value: facts })),
    cassandraClock: part(answer, ({ clock }) => ({ value: clock })),
    archive: part(answer, ({ archive }) => archive),
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
  const own = await session.rowsOfOneServer(
    `SELECT rpc_address AS address, ${columns} FROM system.local`,
    [],
  );
  const peers = await session.rowsOfOneServer(
    `SELECT peer AS address, ${columns} FROM system.peers`,
    [],
  );
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
    const [row] = await session.rowsOfOneServer(query, [name]);
    if (row) found[name] = row['replication'] as Readonly<Record<string, string>>;
  }
  return found;
}

async function settingsOf(session: CassandraSession): Promise<CassandraFacts['settings']> {
  const query = 'SELECT value FROM system_views.settings WHERE name = ?';
  const found: Record<string, string> = {};
  for (const name of settingNames) {
    // Releases before 4.0 have no such table, and some have other names.
    const [row] = await orNone(session.rowsOfOneServer(query, [name]));
    if (typeof row?.['value'] === 'string') found[name] = row['value'];
  }
  return found;
}

/** Of a keyspace that is not there, nothing. */
async function archiveOf(
  session: CassandraSession,
  keyspace: string | undefined,
): Promise<ArchiveFacts> {
  if (keyspace === undefined) return { logId: undefined, cursors: {} };
  const [identity, cursors] = await Promise.all([
    orNone(session.rows(`SELECT log_id FROM ${keyspace}.identity WHERE name = 'archive'`, [])),
    orNone(session.rows(reads.cursors.replace('FROM ', `FROM ${keyspace}.`), [])),
  ]);
  const [row] = identity;
  return {
    logId: row === undefined ? undefined : String(row['log_id']),
    cursors: Object.fromEntries(
      cursors.map((cursor) => [Number(cursor['log_partition']), Number(cursor['next_offset'])]),
    ),
  };
}

/** Nothing where servers refuse the question: a release has no such table, or the keyspace is another one's, or about to be made. */
async function orNone(rows: Promise<Row[]>): Promise<Row[]> {
  try {
    return await rows;
  } catch (error) {
    if (error instanceof CodedError && error.id === 'engine-archive-refused') return [];
    throw error;
  }
}

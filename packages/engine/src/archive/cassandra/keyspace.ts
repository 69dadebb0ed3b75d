import { engineErrors } from '../../errors.ts';
import type { CassandraArchiveOptions } from './cassandra-options.ts';
import type { CassandraSession } from './cassandra-session.ts';
import { identityTable, keyspaceVersion, tables } from './cql.ts';

const findKeyspace = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?';
const findTables = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';

/**
 * Makes the keyspace where there is none, and otherwise checks that it is one of ours, before anything
 * is written to it: `engine-archive-replication-mismatch`, `engine-archive-keyspace-version`,
 * `engine-archive-log-mismatch`. Of two who begin at once with different logs, one gets the error.
 */
export async function prepareKeyspace(
  session: CassandraSession,
  options: CassandraArchiveOptions,
): Promise<void> {
  const { keyspace } = options;
  const [found] = await session.rows(findKeyspace, [keyspace]);
  if (found) {
    checkReplication(options, found['replication'] as Readonly<Record<string, string>>);
    const present = await session.rows(findTables, [keyspace]);
    const names = new Set(present.map((row) => String(row['table_name'])));
    if (names.has('identity')) await checkIdentity(session, options);
    else if (names.size > 0) throw otherVersion(keyspace, 'unknown');
  } else {
    const replication = Object.entries(options.replication)
      .map(([name, value]) => `'${name}': '${value}'`)
      .join(', ');
    await session.define(
      `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {${replication}}`,
    );
  }
  await session.define(inKeyspace(identityTable, keyspace));
  const insert = `INSERT INTO ${keyspace}.identity (name, version, log_id)
    VALUES ('archive', ?, ?) IF NOT EXISTS`;
  await session.writeIfNew(insert, [keyspaceVersion, options.logId]);
  await checkIdentity(session, options);
  for (const table of Object.values(tables)) await session.define(inKeyspace(table, keyspace));
}

async function checkIdentity(
  session: CassandraSession,
  { keyspace, logId }: CassandraArchiveOptions,
): Promise<void> {
  const query = `SELECT version, log_id FROM ${keyspace}.identity WHERE name = 'archive'`;
  const [row] = await session.rows(query, []);
  // Someone stopped between making the table and the row.
  if (row === undefined) return;
  if (row['version'] !== keyspaceVersion) throw otherVersion(keyspace, String(row['version']));
  if (row['log_id'] === logId) return;
  const details = { keyspace, found: String(row['log_id']), expected: logId };
  throw engineErrors.create('engine-archive-log-mismatch', details);
}

function checkReplication(
  { keyspace, replication }: CassandraArchiveOptions,
  found: Readonly<Record<string, string>>,
): void {
  const [is, wanted] = [canonical(found), canonical(replication)];
  if (is === wanted) return;
  const details = { keyspace, found: is, expected: wanted };
  throw engineErrors.create('engine-archive-replication-mismatch', details);
}

/** With the class by its last name, as people write it, and everything in order. */
function canonical(replication: Readonly<Record<string, string>>): string {
  const { class: strategy = '', ...copies } = replication;
  const rest = Object.entries(copies).map(([name, value]) => `${name}: ${value}`);
  return [strategy.split('.').at(-1), ...rest.sort()].join(', ');
}

function otherVersion(keyspace: string, found: string): Error {
  const details = { keyspace, found, expected: keyspaceVersion };
  return engineErrors.create('engine-archive-keyspace-version', details);
}

function inKeyspace(create: string, keyspace: string): string {
  return create.replace('IF NOT EXISTS ', `IF NOT EXISTS ${keyspace}.`);
}

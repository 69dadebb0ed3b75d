import { rmSync } from 'node:fs';
import { CassandraSession, type Row } from '../archive/cassandra/cassandra-session.ts';
import { engineErrors } from '../errors.ts';
import { reads, votes, writes } from '../identity/cassandra/identity-cql.ts';
import { type IdentityPlace, IdentitySession } from '../identity/cassandra/identity-session.ts';
import {
  IdentityTables,
  identitySchema,
  type TeamRow,
} from '../identity/sqlite/identity-tables.ts';
import { openSqliteFile } from '../sqlite/sqlite-file.ts';
import { makeRoomFor, putInPlace } from './deployment-files.ts';
import type { PeoplePlace } from './people-place.ts';

/** Of many rows, so many are on their way. */
const width = 32;
const pageRows = 1_000;
const firstToken = -(2n ** 63n);
const tables = ['team_names', 'join_codes', 'organiser_keys', 'teams', 'players', 'members'];
const peopleTables = ['teams', 'players', 'organiser_keys'] as const;

const pages = {
  teams: page('teams', 'hunt, team', 'hunt, team, name, name_key, join_code'),
  players: page('players', 'hunt, player', 'hunt, player, team, name'),
  keys: page('organiser_keys', 'hash', 'hash, label, scopes'),
};

function page(table: string, key: string, columns: string): string {
  return `SELECT token(${key}) AS place, ${columns} FROM ${table} WHERE token(${key}) > ? LIMIT ${pageRows}`;
}

/** The keyspace of people of a cluster. Rejects with the errors of a `CassandraIdentity`. */
export function peopleKeyspace(options: IdentityPlace): PeoplePlace {
  const { keyspace } = options;
  const place = `keyspace ${keyspace}`;
  return {
    place,
    isUsed: () => outside(options, (session) => isUsed(session, keyspace)),
    async fill(file) {
      await within(options, async (session) => {
        await outside(options, async (other) => {
          for (const table of tables) await other.define(`TRUNCATE ${keyspace}.${table}`);
        });
        await fill(session, file);
      });
    },
    async copyTo(file) {
      const holdsPeople = await outside(options, (session) => isUsed(session, keyspace));
      if (!holdsPeople) throw engineErrors.create('engine-migrate-files-missing', { file: place });
      await within(options, (session) => copyTo(session, file));
    },
  };
}

async function outside<T>(
  options: IdentityPlace,
  work: (session: CassandraSession) => Promise<T>,
): Promise<T> {
  const session = await CassandraSession.connect({ ...options, logId: '' });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function within<T>(
  options: IdentityPlace,
  work: (session: IdentitySession) => Promise<T>,
): Promise<T> {
  const session = new IdentitySession(options);
  try {
    await session.connect();
    return await work(session);
  } finally {
    await session.close();
  }
}

async function isUsed(session: CassandraSession, keyspace: string): Promise<boolean> {
  const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
  const found = (await session.rows(query, [keyspace])).map((row) => String(row['table_name']));
  for (const table of peopleTables) {
    if (!found.includes(table)) continue;
    if ((await session.rows(`SELECT * FROM ${keyspace}.${table} LIMIT 1`, [])).length > 0)
      return true;
  }
  return false;
}

async function fill(session: IdentitySession, file: string): Promise<void> {
  const database = openPeople(file);
  try {
    await inTurns(database.prepare('SELECT * FROM teams').iterate(), async (row) => {
      const { team_id: team, hunt_id: hunt, name, name_key: key, join_code: code } = row;
      await session.write(writes.team, hunt, team, name, key, code);
      // As the identity itself does: what must be unique is written by votes only.
      if (key !== null) await session.vote(votes.teamName, hunt, key, team);
      if (code !== null) await session.vote(votes.joinCode, hunt, code, team);
    });
    await inTurns(database.prepare('SELECT * FROM players').iterate(), async (row) => {
      const { player_id: player, hunt_id: hunt, team_id: team, name } = row;
      await session.write(writes.player, hunt, player, team, name);
      await session.write(writes.member, hunt, team, player);
    });
    await inTurns(database.prepare('SELECT * FROM organiser_keys').iterate(), async (row) => {
      const hash = Buffer.from(row['hash'] as Uint8Array);
      await session.vote(votes.organiserKey, hash, row['label'], row['scopes']);
    });
  } finally {
    database.close();
  }
}

async function copyTo(session: IdentitySession, file: string): Promise<void> {
  const draft = `${file}.tmp`;
  makeRoomFor(file);
  for (const suffix of ['', '-journal']) rmSync(`${draft}${suffix}`, { force: true });
  const database = openPeople(draft);
  try {
    const people = new IdentityTables(database);
    database.exec('BEGIN');
    for await (const rows of allOf(session, pages.teams)) {
      for (const team of await counting(session, rows)) people.insertTeam(team);
    }
    for await (const rows of allOf(session, pages.players)) {
      for (const row of rows) {
        const [hunt, player, team] = [text(row, 'hunt'), text(row, 'player'), text(row, 'team')];
        // Erasing them did not come to its end: their team is gone already.
        if (!people.teamById(hunt, team)) continue;
        people.insertPlayer(player, hunt, team, text(row, 'name'));
      }
    }
    for await (const rows of allOf(session, pages.keys)) {
      for (const row of rows) {
        people.insertKey(row['hash'] as Uint8Array, text(row, 'label'), text(row, 'scopes'));
      }
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
  putInPlace(draft, file);
}

/** Without teams that a call did not come to the end of making: their names lead to others. */
async function counting(session: IdentitySession, rows: readonly Row[]): Promise<TeamRow[]> {
  const teams: TeamRow[] = [];
  await inTurns(rows, async (row) => {
    const [hunt, team] = [text(row, 'hunt'), text(row, 'team')];
    const key = row['name_key'] as string | null;
    if (key !== null) {
      const [found] = await session.rows(reads.teamByName, hunt, key);
      if (!found || text(found, 'team') !== team) return;
    }
    const join_code = row['join_code'] as string | null;
    teams.push({ team_id: team, hunt_id: hunt, name: text(row, 'name'), name_key: key, join_code });
  });
  return teams;
}

async function* allOf(session: IdentitySession, query: string): AsyncGenerator<readonly Row[]> {
  for (let after = firstToken; ; ) {
    const rows = await session.rows(query, after);
    if (rows.length > 0) yield rows;
    if (rows.length < pageRows) return;
    after = rows.at(-1)!['place'] as bigint;
  }
}

function openPeople(path: string) {
  const pragmas = { busy_timeout: 5_000, synchronous: 'FULL' };
  return openSqliteFile({ path, kind: 'hnid', version: 1, schema: identitySchema, pragmas });
}

function text(row: Row, column: string): string {
  return String(row[column]);
}

/** Some at once. Ends with the first failure. */
async function inTurns<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let batch: Item[] = [];
  const finish = async () => {
    await Promise.all(batch.map(work));
    batch = [];
  };
  for (const item of items) {
    batch.push(item);
    if (batch.length === width) await finish();
  }
  await finish();
}

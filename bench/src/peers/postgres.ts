import { execFile } from 'node:child_process';
import { chownSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { withTemporaryDirectory } from '../measure/temporary-directory.ts';
import { findProgram } from './find-program.ts';
import { withPeer } from './peer-process.ts';
import type { PeerResult } from './peer-result.ts';

/** Tried in turn; the best is the reference. */
const clientCounts = [1, 8, 32, 64];
const user = 'bench';
const startMs = 15_000;
const cannotConnectNow = '57P03';

const schema = `
  CREATE TABLE claims (id text PRIMARY KEY, player text NOT NULL, granted boolean NOT NULL);
  CREATE TABLE treasures (id integer PRIMARY KEY, stock integer NOT NULL);`;

/**
 * One transaction and one round trip: the idempotency row, and the stock if there is any. A claim whose
 * row is there already takes nothing.
 */
const claim = `
  WITH taken AS (
    UPDATE treasures SET stock = stock - 1
    WHERE id = 1 AND stock > 0 AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.id = $1)
    RETURNING 1
  )
  INSERT INTO claims (id, player, granted) SELECT $1, $2, EXISTS (SELECT 1 FROM taken)
  ON CONFLICT (id) DO NOTHING RETURNING granted`;

const settings = {
  listen_addresses: '',
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '256MB',
  max_connections: '100',
  max_wal_size: '4GB',
};

/**
 * Claims a second that PostgreSQL decides durably over a Unix socket, at the best of several client
 * counts; 0 leaves it out.
 */
export async function postgresClaims(claims: number, stock: number): Promise<PeerResult> {
  if (claims === 0) return { missing: 'left out' };
  const postgres = findProgram('postgres');
  const initdb = findProgram('initdb');
  if (postgres === undefined || initdb === undefined) {
    return { missing: 'postgres is not installed' };
  }
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : undefined;
  return withTemporaryDirectory(async (directory) => {
    if (account !== undefined) chownSync(directory, account.uid, account.gid);
    const data = path.join(directory, 'data');
    const how = ['-D', data, '-U', user, '--auth=trust', '--no-locale', '-E', 'UTF8', '--no-sync'];
    await promisify(execFile)(initdb, how, { cwd: directory, ...account });
    const values = Object.entries({ ...settings, unix_socket_directories: directory });
    const program = {
      file: postgres,
      arguments: ['-D', data, ...values.flatMap(([key, value]) => ['-c', `${key}=${value}`])],
      socket: path.join(directory, '.s.PGSQL.5432'),
      // The fast stop: a plain SIGTERM waits for every client.
      stopSignal: 'SIGINT' as const,
      ...(account === undefined ? {} : { user: account }),
    };
    return withPeer(program, () => atBest(directory, claims, stock));
  });
}

async function atBest(host: string, claims: number, stock: number): Promise<PeerResult> {
  const tried: { perSecond: number; clients: number }[] = [];
  const admin = await firstConnection(host);
  const { rows } = await admin.query('SHOW server_version');
  await admin.query(schema);
  for (const clients of clientCounts) {
    await admin.query('TRUNCATE claims; TRUNCATE treasures');
    await admin.query('INSERT INTO treasures VALUES (1, $1)', [stock]);
    // Few clients are slow: they get fewer claims, and as much time.
    const count = Math.ceil(Math.min(claims, (claims / 16) * clients));
    const perSecond = Math.round(await claimAll(host, clients, count));
    tried.push({ perSecond, clients });
  }
  await admin.end();
  tried.sort((one, other) => other.perSecond - one.perSecond);
  return { best: { ...tried[0]!, version: rows[0].server_version, tried } };
}

/** The socket is there before the server has started: until then it says so. */
async function firstConnection(host: string): Promise<pg.Client> {
  for (const until = performance.now() + startMs; ; ) {
    try {
      return await connect(host);
    } catch (error) {
      const isStarting = (error as pg.DatabaseError).code === cannotConnectNow;
      if (!isStarting || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function connect(host: string): Promise<pg.Client> {
  const client = new pg.Client({ host, user, database: 'postgres' });
  await client.connect();
  return client;
}

async function claimAll(host: string, clientCount: number, claims: number): Promise<number> {
  const clients = await Promise.all(Array.from({ length: clientCount }, () => connect(host)));
  let next = 0;
  const start = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (next < claims) {
        const number = next++;
        const values = [`claim-${number}`, `player-${number}`];
        await client.query({ name: 'claim', text: claim, values });
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  await Promise.all(clients.map((client) => client.end()));
  return claims / seconds;
}

/** PostgreSQL refuses to run as root: the account that Debian makes for it, or nobody. */
function unprivilegedAccount(): { readonly uid: number; readonly gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = ['postgres:', 'nobody:']
    .map((name) => lines.find((one) => one.startsWith(name)))
    .find((found) => found !== undefined);
  if (line === undefined) throw new Error('there is no account for PostgreSQL to run as');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

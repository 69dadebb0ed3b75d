/*
 * Who ends an outage: an archive whose servers are played by a session. They answer everything but what the probe asks,
 * so that no probe ends the outage instead.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { engineErrors } from '../../errors.ts';
import { CassandraArchive } from './cassandra-archive.ts';
import type { CassandraSession } from './cassandra-session.ts';
import { reads } from './cql.ts';
import { crowdCommand, crowdRecord } from './testing/archived-crowd.ts';

function played() {
  const servers = { areThere: true };
  const answer = async (isProbe: boolean) => {
    if (servers.areThere && !isProbe) return;
    throw engineErrors.create('engine-archive-unavailable', { servers: 'one', reason: 'silent' });
  };
  const session = {
    rows: async (query: string) => {
      await answer(query === reads.cursors);
      return [];
    },
    define: () => answer(false),
    writeIfNew: () => answer(false),
    write: () => answer(false),
    close: async () => {},
  };
  const archive = new CassandraArchive(
    {
      ...{ contactPoints: ['one'], localDataCenter: 'here', keyspace: 'hunt' },
      ...{ replication: { class: 'SimpleStrategy' }, logId: '0'.repeat(32) },
    },
    async () => session as unknown as CassandraSession,
  );
  return { archive, servers };
}

suite('an outage of the archive in Cassandra ends with an answer to', () => {
  const records = [{ offset: 1, bytes: crowdRecord(0, 1, 3) }];
  const asked = {
    'where a partition goes on': (archive) => archive.nextOffset(0),
    'up to where one is archived': (archive) => archive.archivedEnd(0),
    'a reader of records': (archive) => archive.records(0, 0, () => {}),
    'an append': (archive) => archive.append(0, records),
  } satisfies Record<string, (archive: CassandraArchive) => Promise<unknown>>;
  for (const [name, ask] of Object.entries(asked)) {
    test(name, async (t) => {
      const { archive, servers } = played();
      t.after(() => archive.close());
      const refused = { id: 'engine-archive-unavailable' };
      await assert.rejects(archive.decision(crowdCommand(0, 1, 0)), refused);
      servers.areThere = false;
      await assert.rejects(ask(archive), refused);
      assert.equal(archive.isUp, false);
      servers.areThere = true;
      await ask(archive);
      assert.equal(archive.isUp, true);
    });
  }
});

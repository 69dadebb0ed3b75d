/* An append takes its turn however many questions wait: an archive whose servers are played by a session. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CassandraArchive } from './cassandra-archive.ts';
import type { CassandraSession } from './cassandra-session.ts';
import { reads } from './cql.ts';
import type { Entry } from './inflight-gate.ts';
import { crowdCommand, crowdRecord } from './testing/archived-crowd.ts';

test('all that an append asks of the servers is never refused, and a question may be', async (t) => {
  const entries: (Entry | undefined)[] = [];
  const session = {
    rows: async (query: string, _params: unknown, entry?: Entry) => {
      if (Object.values<string>(reads).includes(query)) entries.push(entry);
      return [];
    },
    write: async (_groups: unknown, entry?: Entry) => {
      entries.push(entry);
    },
    define: async () => {},
    writeIfNew: async () => true,
    close: async () => {},
  };
  const archive = new CassandraArchive(
    {
      ...{ contactPoints: ['one'], localDataCenter: 'here', keyspace: 'hunt' },
      ...{ replication: { class: 'SimpleStrategy' }, logId: '0'.repeat(32) },
    },
    async () => session as unknown as CassandraSession,
  );
  t.after(() => archive.close());
  await archive.append(0, [{ offset: 1, bytes: crowdRecord(0, 1, 3) }]);
  // Where it goes on, what it writes, and how far it came.
  assert.deepEqual(entries.splice(0), ['unrefused', 'unrefused', 'unrefused']);
  await archive.decision(crowdCommand(0, 1, 0));
  assert.ok(entries.length > 0 && entries.every((entry) => entry !== 'unrefused'), `${entries}`);
});

/*
 * A spent budget of retries alone keeps nobody from asking: servers are played by a session that fails with what one
 * server has failed with.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineErrors } from '../../errors.ts';
import { IdentitySession } from '../../identity/cassandra/identity-session.ts';
import { CassandraArchive } from './cassandra-archive.ts';
import type { CassandraSession } from './cassandra-session.ts';
import { crowdCommand } from './testing/archived-crowd.ts';
import { WithheldRetry } from './withheld-retry.ts';

const place = {
  ...{ contactPoints: ['one'], localDataCenter: 'here', keyspace: 'hunt' },
  replication: { class: 'SimpleStrategy' },
};
const timeOut = new Error('timed out');
const unavailable = (cause: Error) =>
  engineErrors.create('engine-archive-unavailable', { servers: 'one', reason: '' }, { cause });
const cases = [
  ['one server failed, and no other was asked', unavailable(new WithheldRetry(timeOut)), true],
  ['all were asked', unavailable(timeOut), false],
] as const;

/** Finds these rows, and fails once `failure.error` is set. */
function played(found: readonly unknown[]) {
  const failure: { error?: Error } = {};
  const rows = async () => {
    if (failure.error) throw failure.error;
    return found;
  };
  const nothing = async () => {};
  const session = { rows, define: nothing, writeIfNew: nothing, close: nothing };
  return { failure, connect: async () => session as unknown as CassandraSession };
}

for (const [name, error, isUp] of cases) {
  test(`who people are is${isUp ? '' : ' not'} asked on after ${name}`, async (t) => {
    const { failure, connect } = played([{ version: 1 }]);
    const session = new IdentitySession(place, connect);
    t.after(() => session.close());
    await session.connect();
    failure.error = error;
    await assert.rejects(session.rows('SELECT'), { id: 'engine-identity-unavailable' });
    assert.equal(session.isUp, isUp);
  });

  test(`the archive is${isUp ? '' : ' not'} asked on after ${name}`, async (t) => {
    const { failure, connect } = played([]);
    const archive = new CassandraArchive({ ...place, logId: '0'.repeat(32) }, connect);
    t.after(() => archive.close());
    await archive.connect();
    failure.error = error;
    await assert.rejects(archive.decision(crowdCommand(0, 1, 0)), {
      id: 'engine-archive-unavailable',
    });
    assert.equal(archive.isUp, isUp);
  });
}

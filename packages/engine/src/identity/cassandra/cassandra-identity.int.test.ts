import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type RunningCassandra, startCassandra, whyNotAvailable } from '@hunt/services';
import { CassandraSession } from '../../archive/cassandra/cassandra-session.ts';
import { testIdentityContract } from '../identity.contract.ts';
import { CassandraIdentity } from './cassandra-identity.ts';
import { identityTables, markTable } from './identity-cql.ts';

const skip = whyNotAvailable('cassandra') ?? false;
const hunt = '00000000000000b1';
const tables = identityTables.map((create) => /EXISTS (\w+)/.exec(create)![1]!);

let server: RunningCassandra;
let session: CassandraSession;
const place = (keyspace = `people_${process.pid}`) => ({
  ...{ contactPoints: [server.contactPoint], localDataCenter: 'datacenter1', keyspace },
  replication: { class: 'SimpleStrategy', replication_factor: '1' },
  requestTimeoutMs: 10_000,
});

function opened(test: TestContext, cacheMs = 30_000): CassandraIdentity {
  const identity = new CassandraIdentity({ ...place(), cacheMs });
  test.after(() => identity.close());
  return identity;
}

/** Everything in the tables as text. */
async function content(): Promise<string> {
  const rows = tables.map((table) =>
    session.rows(`SELECT * FROM ${place().keyspace}.${table}`, []),
  );
  return JSON.stringify(await Promise.all(rows));
}

describe('Cassandra', { skip }, () => {
  before(
    async () => {
      server = await startCassandra({ own: true });
      // As nodes that start together: all of them make the tables.
      const nodes = [1, 2, 3].map(() => new CassandraIdentity(place()));
      await Promise.all(nodes.map((node) => node.connect()));
      await Promise.all(nodes.map((node) => node.close()));
      session = await CassandraSession.connect({ ...place(), logId: '' });
    },
    { timeout: 240_000 },
  );
  after(async () => {
    await session?.close();
    await server?.stop();
  });

  testIdentityContract('CassandraIdentity', async (test) => {
    // One keyspace for all: making it takes seconds.
    for (const table of tables) await session.define(`TRUNCATE ${place().keyspace}.${table}`);
    const reopen = () => opened(test);
    return { identity: reopen(), reopen };
  });

  describe('CassandraIdentity', () => {
    it('makes one team of a name that many processes ask for at once', async (test) => {
      const processes = [opened(test), opened(test), opened(test)];
      for (let round = 0; round < 5; round++) {
        const made = await Promise.all(
          processes.map((identity) => identity.teamNamed(hunt, `Rivals ${round}`)),
        );
        assert.equal(new Set(made.map(({ teamId }) => teamId)).size, 1);
        assert.equal(new Set(made.map(({ joinCode }) => joinCode)).size, 1);
        assert.equal(made.filter(({ created }) => created).length, 1);
      }
    });

    it('keeps nothing of an erased person, and no organiser key', async (test) => {
      const identity = opened(test);
      const { teamId } = await identity.teamNamed(hunt, 'Spinners');
      const solo = await identity.createSoloPlayer(hunt, 'Rumpelstiltskin');
      const member = await identity.createPlayer(hunt, 'Rumpelstiltskin', teamId);
      assert.match(await content(), /Rumpelstiltskin/);
      assert.equal(await identity.erasePlayer(hunt, solo.playerId), true);
      assert.equal(await identity.erasePlayer(hunt, member.playerId), true);
      const left = await content();
      for (const trace of ['Rumpelstiltskin', 'Spinners', solo.playerId, member.playerId, teamId]) {
        assert.ok(!left.includes(trace), trace);
      }
      const key = await identity.createOrganiserKey('desk', ['erase']);
      assert.ok(!(await content()).includes(key.slice(4)));
    });

    it('shows a name that was erased elsewhere no longer than cacheMs', async (test) => {
      const [one, other] = [opened(test, 0), opened(test)];
      const { teamId, playerId } = await one.createSoloPlayer(hunt, 'Ada');
      assert.equal((await one.teamNames(hunt, [teamId])).size, 1);
      await other.erasePlayer(hunt, playerId);
      assert.equal((await one.teamNames(hunt, [teamId])).size, 0);
    });

    it('a call that did not come to the end is in nobody\u2019s way', async (test) => {
      const identity = opened(test);
      const query = `INSERT INTO ${place().keyspace}.team_names (hunt, name_key, team) VALUES (?, ?, ?) IF NOT EXISTS`;
      await session.writeIfNew(query, [hunt, 'ghosts', 'ffffffffffffffff']);
      const made = await identity.teamNamed(hunt, 'Ghosts');
      assert.equal(made.created, true);
      assert.deepEqual(await identity.teamNamed(hunt, 'ghosts'), { ...made, created: false });
    });

    it('goes on where a founder\u2019s earlier call ended', async (test) => {
      const identity = opened(test);
      const { keyspace } = place();
      const founder = { teamId: '00000000000000c9', playerId: '00000000000000d9' };
      const { teamId, playerId } = founder;
      // Of the team all but its name was written, of the player all but the membership.
      const code = `INSERT INTO ${keyspace}.join_codes (hunt, join_code, team) VALUES (?, ?, ?) IF NOT EXISTS`;
      await session.writeIfNew(code, [hunt, 'AAAA2222', teamId]);
      await session.define(
        `INSERT INTO ${keyspace}.teams (hunt, team, name, name_key, join_code)
         VALUES ('${hunt}', '${teamId}', 'Halves', 'halves', 'AAAA2222')`,
      );
      const made = await identity.teamNamed(hunt, 'Halves', founder);
      assert.deepEqual(made, { teamId, name: 'Halves', joinCode: 'AAAA2222', created: true });
      await session.define(
        `INSERT INTO ${keyspace}.players (hunt, player, team, name)
         VALUES ('${hunt}', '${playerId}', '${teamId}', 'Ada')`,
      );
      const player = await identity.createPlayer(hunt, 'Ada', teamId, playerId);
      assert.deepEqual(player, { playerId, teamId, created: false });
      const members = await session.rows(
        `SELECT player FROM ${keyspace}.members WHERE hunt = ? AND team = ?`,
        [hunt, teamId],
      );
      assert.deepEqual(
        members.map((row) => row['player']),
        [playerId],
      );
    });

    it('founders with the same ids at many processes make one team', async (test) => {
      const processes = [opened(test), opened(test), opened(test)];
      const founder = { teamId: '00000000000000ca', playerId: '00000000000000da' };
      const made = await Promise.all(
        processes.map((identity) => identity.teamNamed(hunt, 'Together', founder)),
      );
      assert.deepEqual([...new Set(made.map(({ teamId }) => teamId))], [founder.teamId]);
      // Whatever code each was told leads to the team.
      for (const { joinCode } of made) {
        const found = await opened(test).teamByJoinCode(hunt, joinCode!);
        assert.equal(found?.teamId, founder.teamId);
      }
    });

    it('a keyspace of another version is refused before anything is written', async (test) => {
      const other = place('people_other');
      await session.define(
        `CREATE KEYSPACE people_other WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}`,
      );
      await session.define(markTable.replace('EXISTS ', 'EXISTS people_other.'));
      await session.writeIfNew(
        `INSERT INTO people_other.people_store (name, version) VALUES ('people', 7) IF NOT EXISTS`,
        [],
      );
      const identity = new CassandraIdentity(other);
      test.after(() => identity.close());
      await assert.rejects(identity.connect(), { id: 'engine-store-version' });
      const found = await session.rows(
        'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?',
        ['people_other'],
      );
      assert.equal(found.length, 1);
    });

    it('while no server answers: known names are shown, all else is refused by name', async (test) => {
      const identity = opened(test, 0);
      const { teamId } = await identity.createSoloPlayer(hunt, 'Ada');
      assert.equal((await identity.teamNames(hunt, [teamId])).get(teamId), 'Ada');
      await server.kill();
      const unavailable = { id: 'engine-identity-unavailable' };
      await assert.rejects(identity.teamNamed(hunt, 'Late'), unavailable);
      assert.equal((await identity.teamNames(hunt, [teamId])).get(teamId), 'Ada');
      await server.restart();
      const deadline = Date.now() + 60_000;
      const isBack = () =>
        identity.teamNamed(hunt, 'Late').then(
          () => true,
          () => false,
        );
      while (!(await isBack())) {
        assert.ok(Date.now() < deadline, 'it is not back');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    });
  });
});

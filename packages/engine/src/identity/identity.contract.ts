import assert from 'node:assert/strict';
import { describe, it as nodeIt, type TestContext } from 'node:test';
import type { Identity } from './identity.ts';

const hunt = '00000000000000a1';
const otherHunt = '00000000000000a2';
const founder = { teamId: '00000000000000c1', playerId: '00000000000000d1' };
const reused = { id: 'engine-join-key-reused' };

interface Opened {
  readonly identity: Identity;
  /** Opens the same store again after `close`. */
  reopen(): Identity;
}

/**
 * What every adapter of `Identity` promises.
 *
 * @param options.skip what an adapter does not promise by design, and why
 */
export function testIdentityContract(
  name: string,
  open: (test: TestContext) => Opened | Promise<Opened>,
  {
    skip: left = [],
  }: { skip?: readonly { readonly test: string; readonly reason: string }[] } = {},
): void {
  const it = (title: string, work: (test: TestContext) => Promise<void>) => {
    const skip = left.find(({ test }) => test === title)?.reason ?? false;
    nodeIt(title, { skip }, work);
  };
  describe(`${name} keeps the contract of Identity`, () => {
    it('makes a team once, whatever the case and form of its name', async (test) => {
      const { identity } = await open(test);
      const made = await identity.teamNamed(hunt, ' The ﬁve Fishes ');
      assert.equal(made.created, true);
      assert.equal(made.name, 'The ﬁve Fishes');
      assert.match(made.teamId, /^[0-9a-f]{16}$/);
      assert.match(made.joinCode ?? '', /^[2-9A-HJ-NP-Z]{8}$/);
      for (const same of ['the five fishes', 'THE  FIVE FISHES', ' The ﬁve Fishes ']) {
        assert.deepEqual(await identity.teamNamed(hunt, same), { ...made, created: false });
      }
      const elsewhere = await identity.teamNamed(otherHunt, 'The five fishes');
      assert.equal(elsewhere.created, true);
      assert.notEqual(elsewhere.teamId, made.teamId);
    });

    it('makes many teams at once, in the order given, also when a name comes twice', async (test) => {
      const { identity } = await open(test);
      const first = await identity.teamNamed(hunt, 'b');
      const teams = await identity.teamsNamed(hunt, ['a', 'b', 'A', 'c']);
      assert.deepEqual(
        teams.map((team) => team.name),
        ['a', 'b', 'a', 'c'],
      );
      assert.equal(teams[1]?.teamId, first.teamId);
      assert.equal(teams[0]?.teamId, teams[2]?.teamId);
      assert.deepEqual(await identity.teamsNamed(hunt, ['a', 'b', 'A', 'c']), teams);
    });

    it('gives one team to calls of the same turn that name it', async (test) => {
      const { identity } = await open(test);
      const teams = await Promise.all(
        ['one', 'One', 'ONE'].map((same) => identity.teamNamed(hunt, same)),
      );
      assert.equal(new Set(teams.map((team) => team.teamId)).size, 1);
      assert.deepEqual(
        teams.map((team) => team.created),
        [true, false, false],
      );
    });

    it('refuses names that cannot be shown, and keeps those of any script', async (test) => {
      const { identity } = await open(test);
      const bad = ['', ' \t ', 'a\u0000b', 'a\nb', '\ud800x', '\u200b', 'a\u202eb', 'x'.repeat(65)];
      for (const name of [...bad, 'x'.repeat(1e6), '🦊'.repeat(65)]) {
        await assert.rejects(identity.teamNamed(hunt, name), { id: 'engine-name-invalid' });
        await assert.rejects(identity.createSoloPlayer(hunt, name), { id: 'engine-name-invalid' });
      }
      for (const name of ['🦊'.repeat(64), 'Ærøskøbing', '宝探し', 'صيد', '👩‍🚀', 'x'.repeat(64)]) {
        assert.equal((await identity.teamNamed(hunt, name)).name, name);
      }
    });

    it('finds a team by its join code, as people type it', async (test) => {
      const { identity } = await open(test);
      const { created: _, ...team } = await identity.teamNamed(hunt, 'Finders');
      const code = team.joinCode!;
      const typed = ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)} `;
      assert.deepEqual(await identity.teamByJoinCode(hunt, code), team);
      assert.deepEqual(await identity.teamByJoinCode(hunt, typed), team);
      assert.equal(await identity.teamByJoinCode(otherHunt, code), undefined);
      for (const wrong of ['', 'x', '00000000', '🦊'.repeat(8), 'A'.repeat(1e6)]) {
        assert.equal(await identity.teamByJoinCode(hunt, wrong), undefined);
      }
    });

    it('makes solo players with names that need not be unique', async (test) => {
      const { identity } = await open(test);
      const one = await identity.createSoloPlayer(hunt, 'Ada');
      const other = await identity.createSoloPlayer(hunt, 'Ada');
      assert.equal(one.teamId, one.playerId);
      assert.notEqual(one.playerId, other.playerId);
      assert.equal((await identity.teamNamed(hunt, 'Ada')).created, true);
    });

    it('adds players to teams that are there', async (test) => {
      const { identity } = await open(test);
      const { teamId } = await identity.teamNamed(hunt, 'Crew');
      const player = await identity.createPlayer(hunt, 'Ada', teamId);
      assert.equal(player.teamId, teamId);
      assert.match(player.playerId, /^[0-9a-f]{16}$/);
      const unknown = { id: 'engine-team-unknown' };
      await assert.rejects(identity.createPlayer(hunt, 'Ada', '00000000000000ff'), unknown);
      await assert.rejects(identity.createPlayer(otherHunt, 'Ada', teamId), unknown);
    });

    it('makes a founder\u2019s team once, under the founder\u2019s id', async (test) => {
      const { identity, reopen } = await open(test);
      const made = await identity.teamNamed(hunt, 'Crew', founder);
      assert.deepEqual([made.teamId, made.created], [founder.teamId, true]);
      const again = { ...made, created: false };
      assert.deepEqual(await identity.teamNamed(hunt, ' CREW ', founder), again);
      assert.deepEqual(await reopen().teamNamed(hunt, 'Crew', founder), again);
      assert.deepEqual(await identity.teamNamed(hunt, 'Crew'), again);
      const { created: _, ...team } = made;
      assert.deepEqual(await identity.teamByJoinCode(hunt, made.joinCode!), team);
      await assert.rejects(identity.teamNamed(hunt, 'Cruise', founder), reused);
      assert.equal((await identity.teamNamed(hunt, 'Cruise')).created, true);
      await assert.rejects(identity.teamNamed(hunt, 'Cruise', founder), reused);
      assert.deepEqual(await identity.teamNamed(hunt, 'Crew', founder), again);
    });

    it('leaves a team that somebody else made to them, and a founder in their team', async (test) => {
      const { identity } = await open(test);
      const { created: _, ...others } = await identity.teamNamed(hunt, 'Crew');
      const found = await identity.teamNamed(hunt, 'Crew', founder);
      assert.deepEqual(found, { ...others, created: false });
      await identity.createPlayer(hunt, 'Ada', others.teamId, founder.playerId);
      await assert.rejects(identity.teamNamed(hunt, 'New', founder), reused);
      await assert.rejects(identity.teamNamed(hunt, 'Crew', founder), reused);
      assert.equal((await identity.teamNamed(hunt, 'New')).created, true);
    });

    it('gives founders who come at once with the same ids one team, and rivals another', async (test) => {
      const { identity } = await open(test);
      const rival = { teamId: '00000000000000c2', playerId: '00000000000000d2' };
      const teams = await Promise.all([
        identity.teamNamed(hunt, 'Crew', founder),
        identity.teamNamed(hunt, 'crew', founder),
        identity.teamNamed(hunt, 'Crew', rival),
      ]);
      assert.equal(new Set(teams.map(({ teamId }) => teamId)).size, 1);
      assert.equal(new Set(teams.map(({ joinCode }) => joinCode)).size, 1);
      assert.equal(teams.filter(({ created }) => created).length, 1);
    });

    it('makes a player of a given id once', async (test) => {
      const { identity } = await open(test);
      const { playerId } = founder;
      const [crew, owls] = await identity.teamsNamed(hunt, ['Crew', 'Owls']);
      const { teamId } = crew!;
      const make = (name: string, team = teamId) =>
        identity.createPlayer(hunt, name, team, playerId);
      assert.deepEqual(await make('Ada'), { playerId, teamId, created: true });
      assert.deepEqual(await make(' Ada '), { playerId, teamId, created: false });
      await assert.rejects(make('Bob'), reused);
      await assert.rejects(make('Ada', owls!.teamId), reused);
      await assert.rejects(identity.createSoloPlayer(hunt, 'Ada', playerId), reused);
      await assert.rejects(make('Ada', '00000000000000ff'), reused);
      assert.equal(await identity.erasePlayer(hunt, playerId), true);
      assert.equal(await identity.erasePlayer(hunt, playerId), false);
      const unknown = { id: 'engine-team-unknown' };
      await assert.rejects(make('Ada', '00000000000000ff'), unknown);
    });

    it('makes a solo player of a given id once, and again after an erasure', async (test) => {
      const { identity } = await open(test);
      const { playerId } = founder;
      const make = (name: string) => identity.createSoloPlayer(hunt, name, playerId);
      const made = { playerId, teamId: playerId };
      assert.deepEqual(await make('Ada'), { ...made, created: true });
      assert.deepEqual(await make('Ada'), { ...made, created: false });
      await assert.rejects(make('Bob'), reused);
      assert.equal((await identity.teamNames(hunt, [playerId])).get(playerId), 'Ada');
      assert.equal(await identity.erasePlayer(hunt, playerId), true);
      assert.equal(await identity.erasePlayer(hunt, playerId), false);
      assert.deepEqual(await make('Bob'), { ...made, created: true });
    });

    it('tells the names of teams, of this hunt only', async (test) => {
      const { identity } = await open(test);
      const [a, b] = await identity.teamsNamed(hunt, ['Ants', 'Bees']);
      const solo = await identity.createSoloPlayer(hunt, 'Ada');
      const other = await identity.teamNamed(otherHunt, 'Cats');
      const ids = [a!.teamId, b!.teamId, solo.teamId, other.teamId, '00000000000000ff'];
      const expected = new Map([
        [a!.teamId, 'Ants'],
        [b!.teamId, 'Bees'],
        [solo.teamId, 'Ada'],
      ]);
      assert.deepEqual(await identity.teamNames(hunt, ids), expected);
      assert.deepEqual(await identity.teamNames(hunt, ids), expected);
    });

    it('erases a person so that nothing leads to them, and nobody else', async (test) => {
      const { identity } = await open(test);
      const solo = await identity.createSoloPlayer(hunt, 'Ada');
      const { teamId } = await identity.teamNamed(hunt, 'Crew');
      const first = await identity.createPlayer(hunt, 'Bob', teamId);
      const second = await identity.createPlayer(hunt, 'Cy', teamId);
      const names = () => identity.teamNames(hunt, [solo.teamId, teamId]);
      assert.equal((await names()).size, 2);
      assert.equal(await identity.erasePlayer(otherHunt, solo.playerId), false);
      assert.equal(await identity.erasePlayer(hunt, solo.playerId), true);
      assert.equal(await identity.erasePlayer(hunt, solo.playerId), false);
      assert.deepEqual([...(await names()).values()], ['Crew']);
      assert.equal(await identity.erasePlayer(hunt, first.playerId), true);
      assert.equal((await names()).size, 1);
      assert.equal(await identity.erasePlayer(hunt, second.playerId), true);
      assert.equal((await names()).size, 0);
      assert.equal((await identity.teamNamed(hunt, 'Crew')).created, true);
    });

    it('knows organiser keys by what they may do', async (test) => {
      const { identity } = await open(test);
      const key = await identity.createOrganiserKey('desk', ['publish', 'read-personal']);
      assert.match(key, /^hok_[0-9A-Za-z]{32}$/);
      assert.deepEqual(await identity.organiserScopes(key), ['publish', 'read-personal']);
      assert.deepEqual(await identity.organiserScopes(key), ['publish', 'read-personal']);
      const none = await identity.createOrganiserKey('guest', []);
      assert.deepEqual(await identity.organiserScopes(none), []);
      const swapped = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
      for (const wrong of ['', 'hok_', swapped, `${key}A`, 'x'.repeat(1e6)]) {
        assert.equal(await identity.organiserScopes(wrong), undefined);
      }
    });

    it('still knows everything when it is opened again', async (test) => {
      const { identity, reopen } = await open(test);
      const { created: _, ...team } = await identity.teamNamed(hunt, 'Crew');
      const solo = await identity.createSoloPlayer(hunt, 'Ada');
      const key = await identity.createOrganiserKey('desk', ['record']);
      await identity.close();
      const again = reopen();
      assert.deepEqual(await again.teamNamed(hunt, 'crew'), { ...team, created: false });
      assert.deepEqual(await again.teamByJoinCode(hunt, team.joinCode!), team);
      assert.equal((await again.teamNames(hunt, [solo.teamId])).get(solo.teamId), 'Ada');
      assert.deepEqual(await again.organiserScopes(key), ['record']);
    });

    it('keeps what was asked for just before it is closed, and refuses what comes after', async (test) => {
      const { identity, reopen } = await open(test);
      const made = identity.teamNamed(hunt, 'Last');
      await identity.close();
      await identity.close();
      assert.equal((await made).created, true);
      await assert.rejects(identity.teamNamed(hunt, 'Later'), { id: 'engine-store-failed' });
      assert.equal((await reopen().teamNamed(hunt, 'last')).created, false);
    });
  });
}

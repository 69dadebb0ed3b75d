import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JoinedPlayer, JoinRequest } from './player-joins.ts';
import { type JoinFault, JoinWorld } from './testing/join-world.ts';
import { testHuntSource, testSoloSource } from './testing/test-hunt.ts';

/* A join stops at each of its steps, in each way, and is made again elsewhere with its key. */

/** The player it makes is on another partition than the team it founds, and than the team of `founderKey`. */
const key = 'key-0';
/** Here all are on the same. */
const togetherKey = 'key-2';
const founderKey = 'bob';
const reused = { id: 'engine-join-key-reused' };

function worldOf(t: TestContext, source: string): JoinWorld {
  const world = new JoinWorld(source);
  t.after(() => world.close());
  return world;
}

/** A way to join: prepares a world for it, and says what to ask. */
interface Way {
  readonly source: string;
  readonly request: (world: JoinWorld) => Promise<JoinRequest>;
  /** Players and teams of the hunt when all is done. */
  readonly counts: readonly [players: number, teams: number];
}

const ways: Readonly<Record<string, Way>> = {
  alone: {
    source: testSoloSource,
    request: async () => ({ name: 'Ada' }),
    counts: [1, 1],
  },
  'with a new team': {
    source: testHuntSource,
    request: async () => ({ name: 'Ada', team: { name: 'Owls' } }),
    counts: [1, 1],
  },
  'with a code': {
    source: testHuntSource,
    request: async (world) => {
      const founder = { name: 'Bob', team: { name: 'Owls' } };
      const { joinCode } = await repeated(world, founder, founderKey);
      return { name: 'Ada', team: { joinCode: joinCode! } };
    },
    counts: [2, 1],
  },
};

/** The same join at a gateway that has just been started and has no faults. */
function repeated(world: JoinWorld, request: JoinRequest, own = key): Promise<JoinedPlayer> {
  return world.settle(world.gateway().join(world.hunt, request, own));
}

function same({ playerId, teamId, joinCode }: JoinedPlayer) {
  return { playerId, teamId, joinCode };
}

/** One person, one team, one membership, whatever happened on the way. */
async function checkOnce(
  world: JoinWorld,
  way: Way,
  request: JoinRequest,
  own: string,
): Promise<void> {
  const answer = same(await repeated(world, request, own));
  assert.deepEqual(same(await repeated(world, request, own)), answer);
  world.rest();
  const { players, teams } = world.people();
  assert.deepEqual([players.length, teams.length], way.counts, `${players}; ${teams}`);
  const ours = players.filter((player) => player.startsWith(answer.playerId));
  assert.deepEqual(ours, [`${answer.playerId} ${answer.teamId} Ada`]);
  const happened = world.happened.filter((what) => what.includes(answer.teamId));
  assert.deepEqual(happened.toSorted(), [...new Set(happened)].toSorted(), 'something came twice');
  const isSolo = way.source === testSoloSource;
  const expected = isSolo ? [1, 0, 0] : [1, way.counts[0], way.counts[0]];
  const counted = ['registered', 'added', 'joined'].map(
    (kind) => world.happened.filter((what) => what.startsWith(kind)).length,
  );
  assert.deepEqual(counted, expected, world.happened.join('; '));
}

const cases = Object.entries(ways).flatMap(([name, way]) => [
  { name, way, own: key },
  { name: `${name}, all on one partition`, way, own: togetherKey },
]);
for (const { name, way, own } of cases) {
  test(`a join ${name}: wherever it stops, it goes on when it is made again`, async (t) => {
    const whole = worldOf(t, way.source);
    const request = await way.request(whole);
    const before = whole.steps;
    await repeated(whole, request, own);
    const steps = whole.steps - before;
    assert.ok(steps >= 2, `${steps} steps`);
    for (let step = 0; step < steps; step++) {
      for (const fault of ['undone', 'unheard', 'late'] as const) {
        const world = worldOf(t, way.source);
        const asked = await way.request(world);
        const plan: JoinFault[] = [...Array<JoinFault>(step).fill('none'), fault];
        await world
          .settle(world.gateway(...plan).join(world.hunt, asked, own))
          .catch((error: { id?: string }) => {
            assert.match(error.id ?? '', /^engine-(store-failed|not-ready|outcome-undecided)$/);
          });
        await checkOnce(world, way, asked, own);
      }
    }
  });

  test(`a join ${name}: at two gateways at once it is one join`, async (t) => {
    const world = worldOf(t, way.source);
    const request = await way.request(world);
    const both = [world.gateway(), world.gateway()].map((gateway) =>
      gateway.join(world.hunt, request, own),
    );
    const [one, other] = await world.settle(Promise.all(both));
    assert.deepEqual(same(one!), same(other!));
    await checkOnce(world, way, request, own);
  });
}

test('a key says one thing: another name or team is refused, and makes nothing', async (t) => {
  const world = worldOf(t, testHuntSource);
  const { hunt } = world;
  const ask = (request: JoinRequest, withKey?: string) =>
    world.settle(world.gateway().join(hunt, request, withKey));
  const bees = await ask({ name: 'Bob', team: { name: 'Bees' } });
  const owls = await ask({ name: 'Ada', team: { name: 'Owls' } }, key);
  for (const team of [{ name: 'Ants' }, { name: 'Bees' }, { joinCode: bees.joinCode! }]) {
    await assert.rejects(ask({ name: 'Ada', team }, key), reused);
  }
  await assert.rejects(ask({ name: 'Eve', team: { name: 'Owls' } }, key), reused);
  assert.deepEqual(same(await ask({ name: ' Ada ', team: { name: 'OWLS' } }, key)), same(owls));
  const taken = { id: 'engine-team-name-taken' };
  await assert.rejects(ask({ name: 'Ada', team: { name: 'Owls' } }, 'another'), taken);
  await assert.rejects(ask({ name: 'Ada', team: { name: 'Owls' } }), taken);
  // Who joined by a code founds no team with the same key.
  const member = { name: 'Cid', team: { joinCode: bees.joinCode! } };
  await ask(member, 'code');
  await assert.rejects(ask({ name: 'Cid', team: { name: 'Ants' } }, 'code'), reused);
  assert.equal(world.people().teams.length, 2);
  assert.equal(world.people().players.length, 3);
});

test('whom a rule refuses is forgotten, also when the join is made again; who is in doubt is not', async (t) => {
  const world = worldOf(t, testHuntSource);
  const { hunt } = world;
  const ask = (request: JoinRequest, withKey?: string, ...plan: JoinFault[]) =>
    world.settle(world.gateway(...plan).join(hunt, request, withKey));
  const { joinCode } = await ask({ name: 'Bob', team: { name: 'Owls' } }, founderKey);
  const code = { joinCode: joinCode! };
  await ask({ name: 'Cid', team: code }, 'cid');
  const full = { id: 'rules-team-full' };
  const undecided = { id: 'engine-outcome-undecided' };
  const late = { name: 'Ada', team: code };
  const gateway = world.gateway();
  await assert.rejects(world.settle(gateway.join(hunt, late, key)), full);
  await assert.rejects(world.settle(gateway.join(hunt, late, key)), full);
  assert.equal(world.people().players.length, 2);
  // Another gateway waits in vain for the word that this one had; then it asks anew.
  await assert.rejects(ask(late, key), undecided);
  await assert.rejects(ask(late, key), full);
  assert.equal(world.people().players.length, 2);
  const ants = { name: 'Ada', team: { name: 'Ants' } };
  await assert.rejects(ask(ants, undefined, 'none', 'none', 'none', 'unheard'), undecided);
  assert.equal(world.people().players.length, 2);
  const bees = { name: 'Ada', team: { name: 'Bees' } };
  await assert.rejects(ask(bees, 'bees', 'none', 'none', 'none', 'unheard'), undecided);
  assert.equal(world.people().players.length, 3);
});

test('a join that is refused while it is made again elsewhere is refused there, too, and not only when waiting ends', async (t) => {
  const world = worldOf(t, testHuntSource);
  const { hunt } = world;
  const { joinCode } = await repeated(world, { name: 'Bob', team: { name: 'Owls' } }, founderKey);
  const team = { joinCode: joinCode! };
  await repeated(world, { name: 'Cid', team }, 'cid');
  const late = { name: 'Ada', team };
  // What the player's partition asks the team's is lost: the join is on its way until that is sent again.
  const first = world.gateway('none', 'none', 'late').join(hunt, late, key);
  await assert.rejects(world.settle(first), { id: 'engine-outcome-undecided' });
  await assert.rejects(repeated(world, late), { id: 'rules-team-full' });
  assert.equal(world.people().players.length, 2);
});

test('after an erasure the key is good for the same team only, which the log still knows', async (t) => {
  const world = worldOf(t, testHuntSource);
  const { hunt, identity } = world;
  const owls = { name: 'Ada', team: { name: 'Owls' } };
  const { playerId } = await repeated(world, owls);
  assert.equal(await identity.erasePlayer(hunt.huntId, playerId), true);
  const { joinCode } = await world.settle(
    world.gateway().join(hunt, { name: 'Bob', team: { name: 'Bees' } }),
  );
  const byCode = { name: 'Ada', team: { joinCode: joinCode! } };
  await assert.rejects(world.settle(world.gateway().join(hunt, byCode, key)), reused);
  assert.equal(world.people().players.length, 1);
  await assert.rejects(repeated(world, owls), { id: 'engine-outcome-undecided' });
  assert.equal((await repeated(world, owls)).playerId, playerId);
});

test('a key that cannot be one is refused before anything is made', async (t) => {
  const world = worldOf(t, testSoloSource);
  for (const wrong of ['', 'a b', 'ä', 'x'.repeat(129), 'a\n']) {
    const joining = world.gateway().join(world.hunt, { name: 'Ada' }, wrong);
    await assert.rejects(world.settle(joining), { id: 'engine-idempotency-key-invalid' });
  }
  assert.deepEqual(world.people(), { players: [], teams: [] });
});

test('players who join at the same moment at one gateway are each told of themselves', async (t) => {
  const world = worldOf(t, testHuntSource);
  const gateway = world.gateway();
  const joinAll = (requests: readonly JoinRequest[]) =>
    world.settle(
      Promise.all(
        requests.map((request, number) =>
          gateway.join(world.hunt, request, number % 2 === 0 ? request.name : undefined),
        ),
      ),
    );
  const numbers = [...new Array(8).keys()];
  const founders = await joinAll(
    numbers.map((number) => ({ name: `Founder-${number}`, team: { name: `Team-${number}` } })),
  );
  const others = await joinAll(
    founders.map(({ joinCode }, number) => ({
      name: `Other-${number}`,
      team: { joinCode: joinCode! },
    })),
  );
  const { players, teams } = world.people();
  const told = [
    ...founders.map((one, number) => `${one.playerId} ${one.teamId} Founder-${number}`),
    ...others.map(
      ({ playerId }, number) => `${playerId} ${founders[number]!.teamId} Other-${number}`,
    ),
  ];
  assert.deepEqual(players, told.sort());
  assert.deepEqual(teams, founders.map(({ teamId }, number) => `${teamId} Team-${number}`).sort());
  const joined = [...founders, ...others].map((one) => `joined ${one.teamId} ${one.playerId}`);
  const happened = world.happened.filter((text) => text.startsWith('joined'));
  assert.deepEqual(happened.sort(), joined.sort());
});

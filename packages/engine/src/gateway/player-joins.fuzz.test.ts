import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JoinedPlayer, JoinRequest } from './player-joins.ts';
import { type JoinFault, JoinWorld } from './testing/join-world.ts';
import { testHuntSource } from './testing/test-hunt.ts';

/*
 * Two founders want one name, each with a key, at gateways that fail at any of their steps; some tries
 * overlap. In the end one has the team and the other is told so; nobody and nothing is there twice.
 */

const fault = fc.constantFrom<JoinFault>('none', 'none', 'undone', 'unheard', 'late');
const tries = fc.array(
  fc.record({
    who: fc.integer({ min: 0, max: 1 }),
    plan: fc.array(fault, { maxLength: 9 }),
    /** The next try begins before this one has ended. */
    overlaps: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);
/** Of the first the player is on another partition than the team. */
const keys = ['key-0', 'key-2'] as const;
const founders: readonly JoinRequest[] = [
  { name: 'Ada', team: { name: 'Owls' } },
  { name: 'Bob', team: { name: 'OWLS' } },
];
const passing = /^engine-(store-failed|not-ready|outcome-undecided)$/;

test('whatever fails on the way, a join with a key ends as one player in one team', async () => {
  await fc.assert(
    fc.asyncProperty(tries, async (drawn) => {
      const world = new JoinWorld(testHuntSource);
      const join = (who: number, plan: readonly JoinFault[] = []) =>
        world
          .settle(world.gateway(...plan).join(world.hunt, founders[who]!, keys[who]!))
          .catch((error: { id?: string }) => error.id ?? String(error));
      try {
        const told: Promise<JoinedPlayer | string>[] = [];
        for (const { who, plan, overlaps } of drawn) {
          const answer = join(who, plan);
          told.push(answer);
          if (!overlaps) await answer;
        }
        for (const answer of await Promise.all(told)) {
          if (typeof answer === 'string' && answer !== 'engine-team-name-taken') {
            assert.match(answer, passing);
          }
        }
        const last: (JoinedPlayer | string)[] = [];
        for (const who of [0, 1]) {
          let answer = await join(who);
          for (
            let more = 0;
            more < 3 && typeof answer === 'string' && passing.test(answer);
            more++
          ) {
            answer = await join(who);
          }
          last.push(answer);
        }
        world.rest();
        checkEnd(
          world,
          last,
          (await Promise.all(told)).filter((one) => typeof one !== 'string'),
        );
      } finally {
        await world.close();
      }
    }),
    { numRuns: 80 },
  );
});

function checkEnd(
  world: JoinWorld,
  last: readonly (JoinedPlayer | string)[],
  earlier: readonly JoinedPlayer[],
): void {
  const joined = last.filter((answer) => typeof answer !== 'string');
  const refused = last.filter((answer) => typeof answer === 'string');
  assert.deepEqual(refused, ['engine-team-name-taken']);
  const [{ playerId, teamId, joinCode }] = joined as [JoinedPlayer];
  for (const answer of earlier) {
    assert.deepEqual(
      [answer.playerId, answer.teamId, answer.joinCode],
      [playerId, teamId, joinCode],
    );
  }
  const { players, teams } = world.people();
  assert.equal(players.length, 1, players.join('; '));
  assert.match(players[0]!, new RegExp(`^${playerId} ${teamId} (Ada|Bob)$`));
  assert.equal(teams.length, 1, teams.join('; '));
  assert.deepEqual(world.happened, [
    `registered ${teamId} 0000000000000000`,
    `added ${teamId} ${playerId}`,
    `joined ${teamId} ${playerId}`,
  ]);
}

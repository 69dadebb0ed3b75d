import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StandingsPacker, unpackStandings } from './packed-standings.ts';

test('standings come out as they went in, however many', () => {
  for (const count of [0, 1, 1_024, 3_000]) {
    const packer = new StandingsPacker();
    const expected = [];
    for (let team = 0; team < count; team++) {
      const numbers = {
        points: team - 5,
        penaltySeconds: team * 1_200,
        lastScoreAt: 1_900_000_000_000.5 + team,
        solved: team % 13,
        wrong: 4_294_967_295 - team,
        granted: team % 2,
      };
      packer.add({ huntLow: -1, huntHigh: 7, teamLow: team, teamHigh: -team, ...numbers });
      const high = ((-team >>> 0).toString(16) as string).padStart(8, '0');
      const teamId = high + team.toString(16).padStart(8, '0');
      expected.push({ huntId: '00000007ffffffff', teamId, ...numbers });
    }
    assert.deepEqual([...unpackStandings(structuredClone(packer.packed()))], expected);
  }
});

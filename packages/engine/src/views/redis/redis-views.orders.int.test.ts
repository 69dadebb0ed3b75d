import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventType } from '@hunt/rules';
import { needsRedis, type OwnRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import { MemoryViews } from '../memory/memory-views.ts';
import { type WrittenEvent, writtenDecisions } from '../testing/written-decisions.ts';
import { RedisViews } from './redis-views.ts';

/*
 * Orders are made anew, several slices of teams each, while updates go on: by new ties, and by the first
 * value that a packed order does not hold. What is shown must be what the views in memory show.
 */
const hunt = '00000000000000a1';
const teams = 3_500;
const identity = { logId: 'a'.repeat(32), partitionCount: 1 };

describe('orders of RedisViews that are made anew', needsRedis, () => {
  let redis: OwnRedis;
  before(async () => {
    redis = await startOwnRedis();
  });
  after(() => redis.stop());

  it('show what the views in memory show, after each change and with updates in between', async () => {
    const memory = new MemoryViews();
    const views = await RedisViews.open({
      servers: { addresses: redis.addresses },
      identity,
      keyPrefix: 'orders:',
    });
    let offset = 0;
    let solved = 0;
    const give = (events: readonly WrittenEvent[]) => {
      const record = writtenDecisions([{ events }]);
      memory.apply(0, ++offset, record);
      views.apply(0, offset, record);
    };
    const solve = (value: number, at = 1.7e12 + (solved % 50)): WrittenEvent => {
      const team = teamId((solved * 7919) % teams);
      solved += 1;
      const penaltySeconds = solved % 13;
      return { type: eventType.stepSolved, hunt, team, value, penaltySeconds, at };
    };
    const some = () => Array.from({ length: 500 }, () => solve(1 + (solved % 9)));
    const same = async (what: string) => {
      await views.settled();
      for (let from = 0; from < teams; from += 1_000) {
        const expected = await memory.standings(hunt, from, 1_000);
        assert.deepEqual(await views.standings(hunt, from, 1_000), expected, what);
      }
      const one = teamId(17);
      assert.deepEqual(await views.standing(hunt, one), await memory.standing(hunt, one), what);
    };
    const setTies = (ties: 'last-score' | 'penalty') => {
      memory.setTies(hunt, ties);
      views.setTies(hunt, ties);
    };
    const rule = async () => {
      const [key] = (await redis.ask('keys', 'orders:*:hunt')).split('\n');
      return redis.ask('hget', key!, 'r');
    };
    try {
      for (let team = 0; team < teams; team += 500) {
        const events = Array.from({ length: 500 }, (_, index) => ({
          type: eventType.teamRegistered,
          hunt,
          team: teamId(team + index),
        }));
        give(events);
      }
      for (let round = 0; round < 5; round++) give(some());
      await same('packed by last score');
      setTies('penalty');
      give(some());
      setTies('last-score');
      give(some());
      setTies('penalty');
      give(some());
      await same('packed by penalty');
      assert.equal(await rule(), 'p');
      give([solve(1_500_000)]);
      give(some());
      await same('wide by penalty');
      assert.equal(await rule(), 'P');
      setTies('last-score');
      give([solve(3, 4.2)]);
      give(some());
      await same('wide by last score');
      assert.equal(await rule(), 'L');
    } finally {
      await views.close();
    }
  });
});

function teamId(team: number): string {
  return ((team * 0x9e3779b1) % 2 ** 32).toString(16).padStart(16, '0');
}

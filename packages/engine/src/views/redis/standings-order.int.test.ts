import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { needsRedis, type OwnRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import type { StandingSeed } from '../views.ts';
import { RedisViews } from './redis-views.ts';

/*
 * Tuples that no single f64 can hold: points and times of which each alone needs 50 bits and more, and
 * neighbours that differ in the last bit. Against a plain sort; then the same by single teams and pages.
 */
const identity = { logId: 'a'.repeat(32), partitionCount: 1 };
const most = 2 ** 52;

const points = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(-most, -most + 1, most - 1, most, 2 ** 31, -(2 ** 31) - 1),
  fc.maxSafeInteger().map((value) => Math.trunc(value / 2)),
);
const time = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom(0, 1.7e12, 1.7e12 + 1, 1.7e12 + 0.5, 2 ** 53, Number.MAX_VALUE, Number.MIN_VALUE),
  fc.double({ min: 0, noNaN: true }),
);
const penalty = fc.oneof(time, fc.constantFrom(-1, -2, -most, -most + 1));
const row = fc.record({ points, penalty, time });

describe('the order of standings in Redis', needsRedis, () => {
  let redis: OwnRedis;
  let runs = 0;
  before(async () => {
    redis = await startOwnRedis();
  });
  after(() => redis.stop());

  for (const ties of ['last-score', 'penalty'] as const) {
    it(`is that of the published tuple, whatever its values (ties: ${ties})`, async () => {
      const property = fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        async (rows, tiesFirst) => {
          const hunt = (++runs).toString(16).padStart(16, '0');
          const seeds = rows.map(({ points, penalty, time }, index) => ({
            huntId: hunt,
            teamId: ((BigInt(index + 1) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn)
              .toString(16)
              .padStart(16, '0'),
            points,
            penaltySeconds: penalty,
            lastScoreAt: time,
            solved: index,
            wrong: 0,
            granted: 0,
          }));
          if (tiesFirst) views.setTies(hunt, ties);
          await views.settled();
          offset += 1;
          views.seed(0, offset, seeds);
          if (!tiesFirst) views.setTies(hunt, ties);
          await views.settled();
          const expected = sorted(seeds, ties);
          assert.deepEqual(await views.standings(hunt, 0, 1_000), expected);
          const middle = expected.length >> 1;
          assert.deepEqual(
            await views.standings(hunt, middle, 2),
            expected.slice(middle, middle + 2),
          );
          const one = expected[middle]!;
          assert.deepEqual(await views.standing(hunt, one.teamId), one);
        },
      );
      let offset = 1;
      const views = await RedisViews.open({
        servers: { addresses: redis.addresses },
        identity,
        keyPrefix: `order-${ties}:`,
      });
      try {
        await fc.assert(property, { numRuns: 150 });
      } finally {
        await views.close();
      }
    });
  }
});

function sorted(seeds: readonly StandingSeed[], ties: 'last-score' | 'penalty') {
  const tie = ties === 'penalty' ? 'penaltySeconds' : 'lastScoreAt';
  const compare = (one: StandingSeed, other: StandingSeed) => {
    if (one.points !== other.points) return one.points > other.points ? -1 : 1;
    return one[tie] < other[tie] ? -1 : one[tie] > other[tie] ? 1 : 0;
  };
  const rows = [...seeds].sort(
    (one, other) => compare(one, other) || (one.teamId < other.teamId ? -1 : 1),
  );
  return rows.map((row) => ({
    rank: rows.filter((other) => compare(other, row) < 0).length + 1,
    teamId: row.teamId,
    points: row.points,
    penaltySeconds: row.penaltySeconds,
    lastScoreAt: row.lastScoreAt,
    solved: row.solved,
  }));
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedStandings } from './changed-standings.ts';

const read = { perSecond: 20_000, fixedShare: 0 };
const answer = { perSecond: 10_000, fixedShare: 0.5 };

test('what reads and changes do not take by themselves is what pages take', () => {
  // 4,000 of each: half for turns, a fifth for reads, a fifth for answers; a tenth is left for 500 pages.
  const { microseconds, perSecond } = changedStandings(read, answer, {
    ...{ perSecond: 8_000, recordsPerSecond: 500 },
  });
  assert.ok(Math.abs(microseconds - 200) < 1e-6, `${microseconds}`);
  assert.equal(perSecond, 500);
});

test('no more pages are put together than are read', () => {
  const often = { perSecond: 8_000, recordsPerSecond: 1e6 };
  const { microseconds } = changedStandings(read, answer, often);
  assert.ok(Math.abs(microseconds - 0.1 / 0.004) < 1e-6, `${microseconds}`);
});

test('who takes more together than by themselves puts pages together for nothing', () => {
  const much = { perSecond: 20_000, recordsPerSecond: 500 };
  assert.equal(changedStandings(read, answer, much).microseconds, 0);
  const none = { perSecond: 0, recordsPerSecond: 0 };
  assert.deepEqual(changedStandings(read, answer, none), { microseconds: 0, perSecond: 0 });
});

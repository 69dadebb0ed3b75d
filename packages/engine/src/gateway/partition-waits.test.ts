import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartitionWaits } from './partition-waits.ts';
import { WaitLimit } from './wait-limit.ts';

const [windowMs, bearableMs] = [100, 6];

/** A partition after windows in each of which so many commands went, after so long: judged when, and slow how often. */
function looked(windows: readonly (readonly [commands: number, waitedMs: number])[]) {
  const limit = new WaitLimit({
    targetMs: () => bearableMs,
    leastInflight: () => 64,
    opensUndecided: true,
  });
  const partition = new PartitionWaits(limit);
  const found = windows.map(([commands, waitedMs]) => {
    partition.window.left = commands;
    partition.window.waitedMs = commands * waitedMs;
    partition.look(windowMs, bearableMs);
    partition.compare(bearableMs);
    partition.window.fade(0);
    return [partition.slowInARow, partition.evenInARow];
  });
  return { partition, found };
}

test('a few commands a window are judged once they are enough to tell, together', () => {
  const { found } = looked(Array(8).fill([5, 3]));
  assert.deepEqual(found, [...Array(3).fill([0, 0]), ...Array(4).fill([0, 1]), [0, 2]]);
});

test('one slow command among a few is chance, and one that waited as long as many may is not', () => {
  const few = looked([
    [1, 50],
    [15, 3],
  ]);
  assert.deepEqual(few.found, [
    [0, 0],
    [0, 1],
  ]);
  assert.deepEqual(looked(Array(3).fill([1, 1_000])).found, [
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
});

test('windows without commands break no row, and make one stand still that has commands inside', () => {
  const { partition, found } = looked([
    [20, 50],
    [0, 0],
    [20, 50],
  ]);
  assert.deepEqual(found.at(-1), [2, 0]);
  partition.inflight = 3;
  for (let window = 1; window <= 4; window++) {
    partition.look(windowMs, bearableMs);
    assert.equal(partition.silentWindows, window);
  }
  partition.window.left = 1;
  partition.look(windowMs, bearableMs);
  assert.equal(partition.silentWindows, 0);
});

test('of one for which nothing came for five seconds nothing is known', () => {
  const { partition } = looked([[20, 50], ...Array(49).fill([0, 0])]);
  assert.ok(partition.isActive && partition.isLong);
  partition.look(windowMs, bearableMs);
  assert.ok(!partition.isActive && !partition.isLong);
});

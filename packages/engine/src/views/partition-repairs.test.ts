import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineErrors } from '../errors.ts';
import { ManualClock } from '../gateway/testing/manual-clock.ts';
import { AskLaterError, PartitionRepairs } from './partition-repairs.ts';

const error = engineErrors.create('engine-views-inconsistent', { partition: 3, offset: 8 });

function repairsOf(pausesMs?: readonly number[]) {
  const clock = new ManualClock();
  const said: string[] = [];
  const repairs = new PartitionRepairs({
    ...{ clock, pausesMs },
    onRepair: ({ partition, pauseMs }) => said.push(`${partition} in ${pauseMs}`),
    onRepaired: (partition) => said.push(`${partition} whole`),
    onGivenUp: ({ id }) => said.push(id),
  });
  const find = (partition = 3) =>
    repairs.begin(partition, error, (tried) => () => {
      said.push(`${partition} tried ${tried}`);
    });
  return { clock, said, repairs, find };
}

test('what is found again and again is begun again with growing pauses, and given up after the fourth', () => {
  const { clock, said, repairs, find } = repairsOf();
  for (let found = 1; found <= 5; found++) {
    find();
    clock.advance(found < 5 ? 300_000 : 3_600_000);
  }
  assert.deepEqual(said, [
    ...['3 in 1000', '3 tried 0', '3 in 10000', '3 tried 1'],
    ...['3 in 60000', '3 tried 2', '3 in 300000', '3 tried 3', 'engine-views-inconsistent'],
  ]);
  assert.deepEqual([repairs.found, repairs.partitions, clock.timers], [5, 1, 0]);
});

test('tries of another hour, or of another partition, do not count', () => {
  const { clock, said, repairs, find } = repairsOf([5]);
  find();
  clock.advance(5);
  repairs.whole(3);
  repairs.whole(3);
  find(4);
  clock.advance(3_600_000);
  find();
  clock.advance(5);
  const ends = ['3 tried 0', '3 whole', '4 in 5', '4 tried 0', '3 in 5', '3 tried 0'];
  assert.deepEqual(said, ['3 in 5', ...ends]);
  assert.equal(repairs.partitions, 2);
});

test('tries count for as long as a partition is not whole, and for an hour after', () => {
  const { clock, said, repairs, find } = repairsOf([5, 10, 20]);
  find();
  clock.advance(3_600_000);
  find();
  clock.advance(3_600_000);
  repairs.whole(3);
  clock.advance(3_599_999);
  find();
  clock.advance(3_600_000);
  find();
  const begun = ['3 in 5', '3 tried 0', '3 in 10', '3 tried 1', '3 whole', '3 in 20', '3 tried 2'];
  assert.deepEqual(said, [...begun, 'engine-views-inconsistent']);
});

test('a try that cannot be made is made later, and counts once', async () => {
  const { clock, said, repairs } = repairsOf([5]);
  let isAway = true;
  repairs.begin(3, error, () => async () => {
    said.push(isAway ? 'away' : 'made');
    if (isAway) throw new AskLaterError('Redis cannot be asked');
  });
  for (const [ms, away] of [
    [5, true],
    [1_000, true],
    [1_000, false],
    [10_000, false],
  ] as const) {
    isAway = away;
    clock.advance(ms);
    await new Promise(setImmediate);
  }
  assert.deepEqual(said, ['3 in 5', 'away', 'away', 'made']);
});

test('a try that fails is the last, and what comes after it is not told again', async () => {
  const { clock, said, repairs } = repairsOf([5, 10]);
  const full = engineErrors.create('engine-views-full', { what: 'teams', limit: 1 });
  const begin = (failure: Error, partition: number) =>
    repairs.begin(partition, error, () => () => {
      throw failure;
    });
  begin(full, 3);
  begin(new TypeError('a fault of the program'), 4);
  clock.advance(5);
  await new Promise(setImmediate);
  begin(full, 3);
  clock.advance(3_600_000);
  await new Promise(setImmediate);
  assert.deepEqual(said, ['3 in 5', '4 in 5', 'engine-views-full', 'engine-views-inconsistent']);
  assert.deepEqual([repairs.found, repairs.partitions, clock.timers], [3, 2, 0]);
});

test('what is found while a try is still to come is tried once', async () => {
  const { clock, said, repairs, find } = repairsOf([5, 10, 20]);
  repairs.begin(3, error, () => async () => {
    said.push('3 asked');
    await new Promise(setImmediate);
    throw new AskLaterError('Redis cannot be asked');
  });
  clock.advance(5);
  find();
  await new Promise((resolve) => setTimeout(resolve, 5));
  clock.advance(9);
  find();
  clock.advance(3_600_000);
  assert.deepEqual(said, ['3 in 5', '3 asked', '3 in 10', '3 in 20', '3 tried 2']);
  assert.equal(clock.timers, 0);
});

test('a partition that another process has, and one of views that are closed, is not begun again', async () => {
  const { clock, said, repairs, find } = repairsOf();
  find();
  repairs.release(3);
  assert.equal(repairs.partitions, 0);
  find(4);
  repairs.begin(5, error, () => async () => {
    said.push('5 tried');
    throw new AskLaterError('Redis cannot be asked');
  });
  clock.advance(1_000);
  repairs.close();
  await new Promise(setImmediate);
  clock.advance(3_600_000);
  assert.deepEqual(said, ['3 in 1000', '4 in 1000', '5 in 1000', '4 tried 0', '5 tried']);
});

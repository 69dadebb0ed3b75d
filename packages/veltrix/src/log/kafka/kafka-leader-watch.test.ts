import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { KafkaLeaderWatch } from './kafka-leader-watch.ts';

const long = 60_000;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

/** Partitions of one topic whose leaders are looked up. */
function newWatch(...leaders: (number | undefined)[]) {
  let known = [...leaders];
  const story: string[] = [];
  let looks = 0;
  const watch = new KafkaLeaderWatch({
    leaderOf: (_topic, partition) => known[partition],
    refresh: async () => {
      looks += 1;
      known = [...leaders];
      if (known.length === 0) throw new Error('nobody answers');
      return { brokers: new Map(), topics: new Map() };
    },
  });
  const pause = (partition: number, leader: number | undefined, pauseMs = long) =>
    watch.pause({ topic: 'events', partition, leader }, pauseMs, () => story.push(`${partition}`));
  const after = async (ms: number) => {
    mock.timers.tick(ms);
    // What was looked up arrives.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { leaders, story, pause, after, looks: () => looks };
}

test('a pause is over once another broker leads, for those partitions alone', async () => {
  const { leaders, story, pause, after } = newWatch(1, 1, undefined);
  for (const [partition, leader] of [1, 1, undefined].entries()) pause(partition, leader);
  await after(200);
  leaders[1] = undefined;
  await after(200);
  assert.deepEqual(story, [], 'nobody leads in its place yet');
  [leaders[1], leaders[2]] = [2, 3];
  await after(200);
  assert.deepEqual(story, ['1', '2']);
  await after(long);
  assert.deepEqual(story, ['1', '2', '0'], 'the first had the whole pause');
});

test('where another broker leads already there is hardly a pause, but there is one', async () => {
  const { story, pause, after, looks } = newWatch(2);
  pause(0, 1);
  await after(19);
  assert.deepEqual(story, []);
  await after(1);
  assert.deepEqual([story, looks()], [['0'], 0]);
  pause(0, 1, 5);
  await after(5);
  assert.deepEqual(story, ['0', '0'], 'nor is it longer than asked for');
});

test('nobody looks for those who wait no more', async () => {
  const { leaders, story, pause, after, looks } = newWatch(1, 1);
  const cancel = pause(0, 1);
  pause(1, 1, 300);
  await after(200);
  cancel();
  await after(100);
  assert.deepEqual([story, looks()], [['1'], 1]);
  leaders[0] = 2;
  await after(long);
  assert.deepEqual([story, looks()], [['1'], 1]);
});

test('look-ups follow one another, also for those who come during one', async () => {
  const { leaders, story, pause, after, looks } = newWatch(1);
  const cancel = pause(0, 1);
  mock.timers.tick(200);
  // One is under way.
  cancel();
  pause(0, 1);
  await after(0);
  await after(200);
  assert.equal(looks(), 2);
  leaders[0] = 2;
  await after(200);
  assert.deepEqual([story, looks()], [['0'], 3]);
});

test('when nobody answers the pause is what it was', async () => {
  const { leaders, story, pause, after } = newWatch(1);
  pause(0, 1, 1_000);
  leaders.length = 0;
  for (let count = 0; count < 4; count++) await after(200);
  assert.deepEqual(story, []);
  await after(200);
  assert.deepEqual(story, ['0']);
});

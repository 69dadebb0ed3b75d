import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallHunt } from '../testing/small-hunt.ts';
import { arrivalsOf } from './arrival.ts';
import { type TracedAnswer, tracedCrowd } from './trace-plan.ts';

const answer = (atMs: number, team: string, step: string, isRight = false): TracedAnswer => ({
  ...{ atMs, team, step, isRight },
});
const answers = [
  answer(500, 'early', 'one'),
  answer(2_000, 'b', 'two', true),
  answer(1_000, 'a', 'one'),
  answer(2_100, 'a', 'one', true),
  answer(9_000, 'late', 'one'),
];
const window = { file: 'x.csv', speed: 10, fromMs: 1_000, forMs: 5_000 };
const nothing = { seed: 1, spacing: 'even', phases: [], players: 2 } as const;

test('a window of a recorded contest keeps its order, its teams and its bursts, at its own speed', () => {
  const { plan, players, peakPerSecond } = tracedCrowd(answers, window, smallHunt());
  assert.equal(players, 2);
  assert.equal(peakPerSecond, 3, 'all three within a second of the run');
  const mix = {} as never;
  assert.deepEqual(
    [...arrivalsOf({ ...nothing, mix, trace: plan })],
    [
      { dueMs: 0, player: 0, step: 0, action: 'answer-wrong', counts: true },
      { dueMs: 100, player: 1, step: 1, action: 'answer-right', counts: true },
      { dueMs: 110, player: 0, step: 0, action: 'answer-right', counts: true },
    ],
  );
  const ofTwo = [0, 1].map((thread) => [
    ...arrivalsOf({ ...nothing, mix, trace: plan }, thread, 2),
  ]);
  assert.deepEqual(
    ofTwo.map((list) => list.map(({ dueMs }) => dueMs)),
    [[0, 110], [100]],
  );
});

test('the peak is that of the busiest second', () => {
  const slow = tracedCrowd(answers, { ...window, speed: 1 }, smallHunt());
  assert.equal(slow.peakPerSecond, 2);
});

test('a window in which nobody answered is refused by name', () => {
  const empty = { ...window, fromMs: 3_000, forMs: 1_000 };
  assert.throws(() => tracedCrowd(answers, empty, smallHunt()), {
    id: 'load-trace-window-empty',
    message: /nothing from 3 s on for 1 s/,
  });
});

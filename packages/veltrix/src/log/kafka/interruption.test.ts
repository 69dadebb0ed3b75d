import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interruption } from './interruption.ts';

function newInterruption() {
  const story: string[] = [];
  let time = 1_000;
  const interruption = new Interruption({
    follower: { interrupted: (error) => story.push(error?.message ?? 'back') },
    now: () => time,
  });
  const at = (newTime: number, what: 'passed' | string) => {
    time = newTime;
    if (what === 'passed') interruption.passed();
    else interruption.failed(() => new Error(what));
  };
  return { story, at };
}

test('a follower hears of what lasts for eight seconds, once, and that it is over', () => {
  const { story, at } = newInterruption();
  at(1_000, 'first');
  at(2_000, 'second');
  at(8_999, 'third');
  assert.deepEqual(story, []);
  at(9_000, 'fourth');
  at(30_000, 'fifth');
  assert.deepEqual(story, ['fourth']);
  at(30_001, 'passed');
  at(30_002, 'passed');
  assert.deepEqual(story, ['fourth', 'back']);
});

test('a follower does not hear of a broker that another one replaces', () => {
  const { story, at } = newInterruption();
  at(1_000, 'first');
  at(8_000, 'second');
  at(8_500, 'passed');
  at(9_500, 'third');
  at(17_000, 'fourth');
  assert.deepEqual(story, [], 'each time is counted from its own beginning');
  at(17_500, 'fifth');
  assert.deepEqual(story, ['fifth']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ClosingSteps } from './closing-steps.ts';

const long = 600_000;
const never = () => new Promise<void>(() => {});

test('steps are taken one after the other, the last one added first, and once', async () => {
  const story: string[] = [];
  const steps = new ClosingSteps();
  for (const name of ['log', 'archive', 'gateway']) {
    steps.add(async () => {
      story.push(name);
      await pause(1);
      story.push(`${name} is over`);
    });
  }
  steps.add(() => {
    story.push('at once');
  });
  assert.equal(await steps.take(long), 0);
  const order = ['gateway', 'archive', 'log'].flatMap((name) => [name, `${name} is over`]);
  assert.deepEqual(story, ['at once', ...order]);
  assert.equal(await steps.take(long), 0);
  assert.equal(story.length, 7);
});

test('what never ends is left, and all that comes after it is still begun', async () => {
  const story: string[] = [];
  const steps = new ClosingSteps();
  steps.add(() => {
    story.push('log');
  });
  steps.add(never);
  steps.add(() => {
    story.push('archive');
  });
  steps.add(never);
  assert.equal(await steps.take(50), 2);
  assert.deepEqual(story, ['archive', 'log']);
});

test('a step with a limit of its own is waited for', async () => {
  const story: string[] = [];
  const steps = new ClosingSteps();
  steps.add(() => {
    story.push('log');
  });
  steps.add(async () => {
    await pause(150);
    story.push('hand-over');
  }, true);
  assert.equal(await steps.take(50), 0);
  assert.deepEqual(story, ['hand-over', 'log']);
});

test('a step that fails keeps no other from being taken, and is told at the end', async () => {
  const story: string[] = [];
  const steps = new ClosingSteps();
  steps.add(() => {
    story.push('log');
    throw new Error('second');
  });
  steps.add(() => Promise.reject(new Error('first')));
  await assert.rejects(steps.take(long), /first/);
  assert.deepEqual(story, ['log']);
});

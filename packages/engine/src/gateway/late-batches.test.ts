import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandBatch } from './command-batch.ts';
import { LateBatches } from './late-batches.ts';

function world() {
  let now = 1_000;
  let timer: { readonly at: number; readonly task: () => void } | undefined;
  const waiting = new Set<CommandBatch>();
  const found: number[] = [];
  let looks = 0;
  const late = new LateBatches({
    steadyNow: () => now,
    clock: {
      after(ms, task) {
        const armed = { at: now + ms, task };
        timer = armed;
        return () => {
          if (timer === armed) timer = undefined;
        };
      },
    },
    waiting: () => {
      looks += 1;
      return waiting;
    },
    late(batch) {
      waiting.delete(batch);
      found.push(now - 1_000);
      onLate();
    },
  });
  let onLate = () => {};
  return {
    found,
    looks: () => looks,
    whenLate: (task: () => void) => {
      onLate = task;
    },
    wait(usefulForMs: number) {
      const batch = new CommandBatch();
      batch.usefulUntil = now + usefulForMs;
      waiting.add(batch);
      late.watch(batch);
    },
    until(ms: number) {
      while (timer !== undefined && timer.at <= 1_000 + ms) {
        now = Math.max(now, timer.at);
        const { task } = timer;
        timer = undefined;
        task();
      }
      now = 1_000 + ms;
    },
  };
}

test('a batch is found when its time is over', () => {
  const { found, until, wait } = world();
  wait(30);
  until(29);
  assert.deepEqual(found, []);
  until(30);
  assert.deepEqual(found, [30]);
});

test('however soon they are late, they are looked for twenty times a second', () => {
  const { found, looks, until, wait } = world();
  wait(100_000);
  for (let ms = 0; ms < 1_000; ms++) {
    until(ms);
    wait(1);
  }
  until(1_060);
  assert.equal(found.length, 1_000);
  assert.ok(looks() <= 22, `${looks()} looks`);
});

test('what begins to wait while others are told is found in its time', () => {
  const { found, until, wait, whenLate } = world();
  wait(10);
  wait(5_000);
  let told = 0;
  whenLate(() => {
    told += 1;
    if (told === 1) wait(100);
  });
  until(4_000);
  assert.deepEqual(found, [10, 110]);
});

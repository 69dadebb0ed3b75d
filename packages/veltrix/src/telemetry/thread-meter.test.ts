import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ThreadMeter, threadBoard } from './thread-meter.ts';
import { noteWait } from './thread-waits.ts';

/** Long enough to be seen above the timer's own step. */
const blockMs = 120;

test('a thread that was held up, and collected garbage, says so to whoever has its board', async (t) => {
  const board = threadBoard();
  const seen = threadBoard(board.memory);
  const meter = new ThreadMeter(board);
  meter.start();
  t.after(() => meter.stop());
  const deadline = performance.now() + 30_000;
  while (seen.get(0, 'heapBytes') === 0) {
    assert.ok(performance.now() < deadline, 'it never began');
    await wait(20);
  }
  // The loop has to turn before it can be late.
  await wait(50);
  const until = performance.now() + blockMs;
  let garbage: object[] = [];
  while (performance.now() < until)
    garbage = Array.from({ length: 1_000 }, () => ({ garbage: [] }));
  assert.equal(garbage.length, 1_000);
  while (seen.get(0, 'delayMaxSeconds') < 0.05 || seen.get(0, 'minorGcs') === 0) {
    assert.ok(performance.now() < deadline, 'nothing was seen');
    await wait(20);
    meter.sample();
  }
  assert.ok(seen.get(0, 'activeSeconds') > 0);
  assert.ok(seen.get(0, 'minorGcSeconds') > 0);
  assert.ok(
    seen.get(0, 'heapBytes') > 0 && seen.get(0, 'heapLimitBytes') > seen.get(0, 'heapBytes'),
  );
});

test('what a thread only waited for does not count as busy', () => {
  const board = threadBoard();
  const meter = new ThreadMeter(board);
  meter.sample();
  const before = { active: board.get(0, 'activeSeconds'), idle: board.get(0, 'idleSeconds') };
  noteWait(100_000);
  meter.sample();
  assert.ok(board.get(0, 'idleSeconds') >= before.idle + 99.9);
  assert.ok(board.get(0, 'activeSeconds') <= before.active);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StallWatch } from './stall-watch.ts';

test('what goes wrong within half a minute of a stall is excused, and nothing else', () => {
  let wrong = 0;
  const watch = new StallWatch(() => wrong);
  const run = (from: number, to: number) => {
    for (let now = from; now <= to; now += 100) watch.tick(now);
  };
  run(0, 10_000);
  wrong += 1;
  run(10_100, 20_000);
  assert.deepEqual([watch.excused, watch.longestMs], [0, 0]);
  // Nothing ran for a minute; what waited is too late, before anybody has looked.
  wrong += 3;
  run(80_000, 90_000);
  wrong += 2;
  assert.deepEqual([watch.excused, watch.longestMs], [5, 60_000]);
  run(90_100, 115_000);
  wrong += 7;
  run(115_100, 130_000);
  assert.equal(watch.excused, 5);
  wrong += 1;
  run(137_000, 137_100);
  assert.deepEqual([watch.excused, watch.longestMs], [6, 60_000]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueTimes, Pace } from './pace.ts';

test('the clock runs only while there is a server', async () => {
  let now = 0;
  const pace = new Pace(
    (index) => index * 100,
    () => now,
    async (ms) => {
      now += ms;
    },
  );
  assert.ok(pace.isDue(0) && !pace.isDue(1));
  pace.run();
  now = 60;
  pace.pause();
  now = 1_000;
  assert.equal(pace.elapsedMs, 60);
  pace.run();
  await pace.untilDue(1);
  assert.equal(now, 1_040);
});

test('due times follow the recorded ones, the speed and the least duration', () => {
  const commands = [{ at: 1_000 }, { at: 2_000 }, { at: 11_000 }, { at: 11_000 }];
  const all = (speed: number, leastMs: number) => {
    const due = dueTimes(commands, { speed, opensAt: 1_000, leastMs, durationMs: 10_000 });
    return commands.map((_, index) => due(index));
  };
  assert.deepEqual(all(2, 0), [0, 500, 5_000, 5_000]);
  assert.deepEqual(all(10, 20_000), [0, 2_000, 20_000, 20_000]);
  assert.deepEqual(all(Number.POSITIVE_INFINITY, 0), [0, 0, 0, 0]);
  assert.deepEqual(all(Number.POSITIVE_INFINITY, 4_000), [0, 1_000, 2_000, 3_000]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventQueue } from './event-queue.ts';
import { SeededRandom } from './seeded-random.ts';

describe('the event queue', () => {
  test('runs tasks by time, those of the same time as they were scheduled', () => {
    const queue = new EventQueue();
    const random = new SeededRandom(1);
    const ran: [number, number][] = [];
    for (let order = 0; order < 500; order++) {
      const delay = random.between(0, 20);
      queue.schedule(delay, () => ran.push([queue.now, order]));
    }
    while (queue.step());
    assert.equal(ran.length, 500);
    assert.deepEqual(
      ran,
      ran.toSorted(([x, i], [y, j]) => x - y || i - j),
    );
    assert.equal(queue.step(), false);
  });

  test('a task may schedule and take back others; time never goes back', () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    const takeBack = queue.schedule(20, () => ran.push('never'));
    queue.schedule(10, () => {
      takeBack();
      queue.schedule(-5, () => ran.push(`at once, at ${queue.now}`));
    });
    while (queue.step());
    assert.deepEqual([ran, queue.now], [['at once, at 10'], 10]);
  });
});

describe('seeded random', () => {
  test('gives the same numbers for the same seed and stream, others for others', () => {
    const draw = (seed: number, stream: number) => {
      const random = new SeededRandom(seed, stream);
      return Array.from({ length: 20 }, () => random.bits()).join();
    };
    assert.equal(draw(5, 1), draw(5, 1));
    const drawn = [draw(5, 1), draw(5, 2), draw(6, 1), draw(5 + 2 ** 32, 1)];
    assert.equal(new Set(drawn).size, 4);
  });

  test('is spread evenly enough', () => {
    const random = new SeededRandom(3);
    const counts = [0, 0, 0, 0, 0];
    for (let left = 10_000; left > 0; left--) counts[random.between(0, 4)]! += 1;
    assert.ok(
      counts.every((count) => count > 1_800 && count < 2_200),
      counts.join(),
    );
  });
});

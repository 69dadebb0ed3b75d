import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PacedRefusals } from './paced-refusals.ts';
import { ManualClock } from './testing/manual-clock.ts';

function world(pace: { perSecond?: number; waitMaxMs?: number; waitingMax?: number } = {}) {
  const clock = new ManualClock();
  const { perSecond = 100, waitMaxMs = 2_000, waitingMax = 1_000 } = pace;
  const refusals = new PacedRefusals(clock, { perSecond, waitMaxMs, waitingMax });
  const answered: number[] = [];
  const refuse = (number: number) => refusals.add(() => answered.push(number));
  return { clock, refusals, answered, refuse };
}

describe('paced refusals', () => {
  it('answers a few at once, and a crowd at its pace, in order', () => {
    const { answered, clock, refusals, refuse } = world();
    for (let number = 0; number < 150; number++) refuse(number);
    assert.equal(answered.length, 10);
    assert.equal(refusals.waiting, 140);
    clock.advance(250);
    assert.ok(answered.length >= 33 && answered.length <= 36, `${answered.length}`);
    clock.advance(1_300);
    assert.deepEqual(
      answered,
      Array.from({ length: 150 }, (_, number) => number),
    );
    assert.equal(refusals.waiting, 0);
  });

  it('keeps nobody waiting longer than it may', () => {
    const { answered, clock, refuse } = world({ perSecond: 10, waitMaxMs: 500 });
    for (let number = 0; number < 900; number++) refuse(number);
    clock.advance(510);
    assert.equal(answered.length, 900);
  });

  it('answers at once what finds no room to wait', () => {
    const { answered, refusals, refuse } = world({ perSecond: 10, waitingMax: 5 });
    for (let number = 0; number < 20; number++) refuse(number);
    assert.deepEqual([answered.length, refusals.waiting], [15, 5]);
  });

  it('answers all when it closes, and sets no clock then', () => {
    const { answered, clock, refusals, refuse } = world({ perSecond: 10 });
    for (let number = 0; number < 30; number++) refuse(number);
    refusals.close();
    assert.equal(answered.length, 30);
    clock.advance(5_000);
    assert.equal(answered.length, 30);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutcomeListener } from './command-outcome.ts';
import { PendingOutcomes } from './pending-outcomes.ts';

const outcome = { status: 0, repeated: false, code: 7, a: 0, b: 0 };

/** Waits, and hears nothing here. */
function nobody(): OutcomeListener {
  const silent = () => {};
  return {
    ...{ usefulUntil: () => Number.POSITIVE_INFINITY, onOutcome: silent },
    ...{ onUndecided: silent, onRefused: silent },
  };
}

function id(number: number): DataView {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, number, true);
  return view;
}

test('whoever waits is given up when his time is over, however often others ask for another command', () => {
  const pending = new PendingOutcomes(10);
  const add = (command: number, tag: number, until: number) =>
    assert.ok(pending.add(id(command), 0, outcome, nobody(), tag, until));
  add(1, 10, 5);
  add(2, 20, 6);
  add(1, 11, 8);
  add(1, 12, 11);
  assert.equal(pending.oldestUntil, 5);
  const given: (number | undefined)[] = [];
  for (let now = 4; now < 12; now++) given.push(pending.takeExpired(now)?.tag);
  assert.deepEqual(given, [undefined, 10, 20, undefined, 11, undefined, undefined, 12]);
  assert.deepEqual([pending.size, pending.oldestUntil], [0, undefined]);
});

test('all who wait for a command are taken one by one, and nobody else', () => {
  const pending = new PendingOutcomes(3);
  for (const [command, tag] of [
    [1, 10],
    [2, 20],
    [1, 11],
  ] as const) {
    assert.ok(pending.add(id(command), 0, outcome, nobody(), tag, tag));
  }
  assert.equal(pending.add(id(3), 0, outcome, nobody(), 30, 30), false, 'it is full');
  assert.equal(pending.take(id(1), 0)?.tag, 10);
  assert.equal(pending.take(id(1), 0)?.tag, 11);
  assert.equal(pending.take(id(1), 0), undefined);
  assert.deepEqual([pending.has(id(1), 0), pending.has(id(2), 0), pending.size], [false, true, 1]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RecentOutcome, RecentOutcomes, undecided } from './recent-outcomes.ts';

function id(number: number): DataView {
  const view = new DataView(new ArrayBuffer(16));
  view.setInt32(12, number, true);
  return view;
}

function one(status: number, code: number, a = 0, b = 0, repeated = false): RecentOutcome {
  return { status, repeated, code, a, b };
}

test('the latest word on a command counts', () => {
  const recent = new RecentOutcomes(8);
  recent.put(id(1), 0, one(undecided, 0));
  recent.put(id(2), 0, one(0, 0x110, -5, 7));
  assert.equal(recent.find(id(1), 0)?.status, undecided);
  recent.put(id(1), 0, one(1, 0xffff, 3, -4, true));
  assert.deepEqual(recent.find(id(1), 0), one(1, 0xffff, 3, -4, true));
  assert.deepEqual(recent.find(id(2), 0), one(0, 0x110, -5, 7));
});

test('the oldest are forgotten when it is full', () => {
  const recent = new RecentOutcomes(4);
  for (let number = 0; number < 10; number++) recent.put(id(number), 0, one(0, number));
  assert.equal(recent.find(id(5), 0), undefined);
  for (let number = 6; number < 10; number++) {
    assert.equal(recent.find(id(number), 0)?.code, number);
  }
});

test('an empty one finds nothing, not even the id of zeros', () => {
  assert.equal(new RecentOutcomes(4).find(id(0), 0), undefined);
});

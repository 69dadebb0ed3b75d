import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Passage } from 'veltrix/resilience';
import { UpdateRoom } from './update-room.ts';

function roomFor(most: () => number) {
  return new UpdateRoom({ clock: { after: () => () => {} }, most });
}

test('so many batches are on their way and no more; who found no room goes on in that order', () => {
  const room = roomFor(() => 2);
  const passages: Passage[] = [];
  const order: number[] = [];
  const go = (partition: number) => {
    const passage = room.enter(() => go(partition));
    if (passage === undefined) return;
    order.push(partition);
    passages.push(passage);
  };
  for (let partition = 0; partition < 5; partition++) go(partition);
  assert.deepEqual([order, room.inflight], [[0, 1], 2]);
  for (let passage = passages.shift(); passage; passage = passages.shift()) {
    passage.answered();
    assert.ok(room.inflight <= 2);
  }
  assert.deepEqual([order, room.inflight], [[0, 1, 2, 3, 4], 0]);
});

test('batches without an answer lower the limit, and a changed setting counts at once', () => {
  let most = 64;
  const room = roomFor(() => most);
  assert.equal(room.limit, 16);
  for (let time = 0; time < 60; time++) room.enter(() => {})?.failed();
  assert.equal(room.limit, 2);
  most = 1;
  assert.equal(room.limit, 1);
});

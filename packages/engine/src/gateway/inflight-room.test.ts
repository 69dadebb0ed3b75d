import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InflightRoom } from './inflight-room.ts';

const limits = { inflightMaxCommands: 1_200, inflightMaxBytes: 1_000_000 };

/** Fills a room from now on, in turn, as far as there is room: how many commands each of these partitions holds. */
function fill(room: InflightRoom, partitions: readonly number[], bytes = 1): number[] {
  for (let wasRoom = true; wasRoom; ) {
    wasRoom = false;
    for (const partition of partitions) {
      if (!room.isThereFor(1, limits) || !room.isShareFor(partition, 1, limits)) continue;
      room.take(partition, 1, bytes);
      wasRoom = true;
    }
  }
  return partitions.map((partition) => room.commandsOf(partition));
}

test('a partition that stands still takes half of the room, two a third each, and the others find some', () => {
  const room = new InflightRoom(8);
  assert.deepEqual(fill(room, [3]), [600]);
  assert.ok(room.isShareFor(0, 1, limits));
  assert.deepEqual(fill(new InflightRoom(8), [3, 5]), [400, 400]);
  const most = new InflightRoom(8);
  const held = fill(most, [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(held, Array(7).fill(150));
  assert.ok(most.isThereFor(1, limits) && most.isShareFor(7, 1, limits));
});

test('where there is one partition all the room is its own', () => {
  assert.deepEqual(fill(new InflightRoom(1), [0]), [1_200]);
});

test('what others hold makes the share of each smaller, and what they let go of larger', () => {
  const room = new InflightRoom(4);
  room.take(0, 800, 800);
  assert.equal(room.shareOfCommands(limits), 400);
  assert.ok(room.isShareFor(1, 400, limits));
  assert.ok(!room.isShareFor(1, 401, limits));
  assert.ok(!room.isShareFor(0, 1, limits), 'it has more than is free');
  room.free(0, 600, 600);
  assert.ok(room.isShareFor(0, 800, limits));
  assert.ok(!room.isShareFor(0, 801, limits));
});

test('bytes are shared likewise', () => {
  const room = new InflightRoom(2);
  assert.deepEqual(fill(room, [0], 10_000), [50]);
  assert.ok(room.isShareFor(1, 1, limits));
  assert.equal(room.shareOfBytes(limits), 500_000);
});

test('one that holds more than was allowed, since the limit was lowered, gets nothing', () => {
  const room = new InflightRoom(2);
  room.take(0, 1_000, 1_000);
  const less = { inflightMaxCommands: 900, inflightMaxBytes: 500 };
  assert.ok(!room.isThereFor(1, less));
  assert.deepEqual([room.shareOfCommands(less), room.shareOfBytes(less)], [0, 0]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HuntOffsets } from './hunt-offsets.ts';
import type { SavedProgress, StandingsStore } from './standings-store.ts';

const [one, two] = ['1'.repeat(16), '2'.repeat(16)];

/** Remembers nothing, and fails as often as it is told. */
function storeThatFails(times: number) {
  const saved: SavedProgress[] = [];
  let failures = times;
  const store = {
    saveProgress: async (_partition: number, progress: SavedProgress) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the connection was lost');
      saved.push(progress);
      return true;
    },
  };
  return { saved, store: store as unknown as StandingsStore };
}

test('where hunts are that could not be said is said with what comes next, unless it is known better', async () => {
  const { saved, store } = storeThatFails(1);
  const offsets = new HuntOffsets(0);
  offsets.acknowledged(one, 5);
  offsets.acknowledged(two, 6);
  const failing = offsets.save(store, 'a', 7);
  offsets.acknowledged(two, 8);
  await assert.rejects(failing);
  await offsets.save(store, 'a', 9);
  const hunts = new Map([
    [one, 5],
    [two, 8],
  ]);
  assert.deepEqual(saved, [{ lineage: 'a', next: 9, hunts }]);
});

test('what could not be said of a Redis that is gone is not said to the next one', async () => {
  const { saved, store } = storeThatFails(1);
  const offsets = new HuntOffsets(0);
  offsets.acknowledged(one, 5);
  const failing = offsets.save(store, 'a', 7);
  offsets.clear();
  await assert.rejects(failing);
  await offsets.save(store, 'b', 1);
  assert.deepEqual(saved, [{ lineage: 'b', next: 1, hunts: new Map() }]);
});

test('where others have brought a hunt, and not said so, is said', async () => {
  const { saved, store } = storeThatFails(0);
  const offsets = new HuntOffsets(0);
  const found = new Map([
    [one, 5],
    [two, 6],
  ]);
  offsets.found(found, new Map([[one, 5]]));
  await offsets.save(store, 'a', 7);
  assert.deepEqual(saved[0]!.hunts, new Map([[two, 6]]));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FrameBuffer } from './frame-buffer.ts';
import { InflightFrames } from './inflight-frames.ts';
import { frameHeaderBytes, recordSpan } from './journal-format.ts';

const record = new Uint8Array(24);
const span = recordSpan(record.length);
const next = { frame: 7, commands: 3, events: 5 };
/** Frames for two records each. */
const framesFrom = () => new InflightFrames(next, frameHeaderBytes + 2 * span);

function append(frames: InflightFrames, count: number): void {
  for (let added = 0; added < count; added++) frames.add('commands', record, undefined);
}

/** Has all that was gathered written, and returns it. */
function settleAll(frames: InflightFrames): readonly FrameBuffer[] {
  while (frames.oldest) frames.take();
  return frames.settle(0);
}

test('offsets go on where the log ends, each stream by itself, and are durable once they are settled', () => {
  const frames = framesFrom();
  assert.deepEqual([frames.next, frames.durable], [next, next]);
  const offsets = (['commands', 'events', 'commands'] as const).map((stream) =>
    frames.add(stream, record, undefined),
  );
  assert.deepEqual(offsets, [3, 5, 4]);
  assert.deepEqual(frames.next, { frame: 9, commands: 5, events: 6 });
  assert.deepEqual(frames.durable, next);
  settleAll(frames);
  assert.deepEqual(frames.durable, { frame: 9, commands: 5, events: 6 });
});

test('a frame is closed before a record that makes it too large, and one that is too large alone has its own', () => {
  const frames = framesFrom();
  append(frames, 3);
  frames.add('events', new Uint8Array(1_000), undefined);
  append(frames, 1);
  const settled = settleAll(frames);
  assert.deepEqual(
    settled.map(({ first, records }) => [first.frame, records]),
    [
      [7, 2],
      [8, 1],
      [9, 1],
      [10, 1],
    ],
  );
});

test('what came while a frame is synced waits in the next, and counts as in flight', () => {
  const frames = framesFrom();
  append(frames, 2);
  assert.deepEqual([frames.isSyncing, frames.bytes], [false, 2 * span]);
  frames.take();
  append(frames, 1);
  assert.deepEqual([frames.isSyncing, frames.bytes], [true, 3 * span]);
  assert.equal(frames.settle(performance.now() - 5_000).length, 1);
  assert.deepEqual([frames.isSyncing, frames.bytes], [false, span]);
  assert.deepEqual(frames.durable, { frame: 8, commands: 5, events: 5 });
  assert.equal(frames.oldest?.records, 1);
  assert.ok(frames.oldestMs >= 5_000);
  settleAll(frames);
  assert.deepEqual([frames.bytes, frames.oldestMs], [0, 0]);
});

test('what is dropped is all that is not durable, what is being synced first', () => {
  const frames = framesFrom();
  append(frames, 3);
  frames.take();
  assert.deepEqual(
    frames.drop().map(({ first }) => first.frame),
    [7, 8],
  );
  assert.deepEqual([frames.isSyncing, frames.oldest, frames.bytes], [false, undefined, 0]);
  assert.deepEqual(frames.durable, next);
});

test('a frame that is given back is used again, unless it has grown too large', () => {
  const frames = framesFrom();
  append(frames, 1);
  const [small] = settleAll(frames);
  frames.reuse(small!);
  frames.add('events', new Uint8Array(600 * 1_024), undefined);
  assert.equal(frames.oldest, small);
  const [large] = settleAll(frames);
  frames.reuse(large!);
  append(frames, 1);
  assert.notEqual(frames.oldest, large);
  assert.equal(frames.oldest?.records, 1);
});

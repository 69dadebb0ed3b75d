import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import { SegmentPreparer } from './segment-preparer.ts';

/* What is written ahead, and when it ends. That a file is blank and durable, the log's own tests show. */

const segmentBytes = 1 << 20;

function world(seed: number) {
  const stepped = new SteppedWorld(seed);
  stepped.disk.makeDirectory('/log');
  let writes = 0;
  stepped.disk.beforeOperation = (operation) => {
    if (operation === 'write-slowly') writes += 1;
  };
  const { disk, clock } = stepped;
  const preparer = new SegmentPreparer(disk, clock, '/log', 4_096, segmentBytes);
  preparer.start(1);
  return { stepped, preparer, writes: () => writes };
}

test('a segment that nobody needs yet is written to its end, and no further', () => {
  const { stepped, preparer, writes } = world(1);
  while (stepped.step());
  assert.equal(writes(), 4);
  preparer.take((error, file) => {
    assert.equal(error, undefined);
    assert.equal(file!.size(), segmentBytes);
    const bytes = new Uint8Array(segmentBytes);
    assert.equal(file!.read(0, bytes), segmentBytes);
    assert.ok(bytes.every((byte) => byte === 0));
  });
});

test('nothing is written to a file that was taken, at whatever step that was', () => {
  for (let steps = 0; steps < 20; steps++) {
    const { stepped, preparer, writes } = world(steps);
    for (let step = 0; step < steps; step++) stepped.step();
    let takenAt = -1;
    preparer.take(() => {
      takenAt = writes();
    });
    while (stepped.step());
    assert.notEqual(takenAt, -1);
    assert.equal(writes(), takenAt, `taken after ${steps} steps`);
  }
});

test('a disk that refuses zeros hands over the file as far as it came', () => {
  const { stepped, preparer } = world(3);
  stepped.disk.fullAfterBytes = 300_000;
  while (stepped.step());
  preparer.take((error, file) => {
    assert.equal(error, undefined);
    assert.ok(file!.size() >= 4_096 && file!.size() < segmentBytes);
  });
});

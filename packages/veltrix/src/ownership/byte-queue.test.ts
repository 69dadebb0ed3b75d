import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from './byte-queue.ts';

test('what is in the queue stays as it came, whatever comes and goes around it', () => {
  const size = fc.oneof(fc.nat({ max: 200 }), fc.integer({ min: 50_000, max: 300_000 }));
  const steps = fc.array(fc.oneof(size, fc.constant('shift' as const)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (steps) => {
      const queue = new ByteQueue();
      const held: { readonly copy: Uint8Array; readonly fill: number }[] = [];
      for (const [index, step] of steps.entries()) {
        if (step !== 'shift') {
          const bytes = new Uint8Array(step).fill(index + 1);
          held.push({ copy: queue.add(bytes), fill: index + 1 });
          assert.equal(held.at(-1)!.copy.length, step);
          assert.equal(held.at(-1)!.copy.byteOffset % 8, 0);
          bytes.fill(0);
        } else if (held.length > 0) {
          held.shift();
          queue.shift();
        }
        for (const { copy, fill } of held) assert.ok(copy.every((byte) => byte === fill));
      }
    }),
    { numRuns: 60 },
  );
});

test('a chunk is used again once all in it are let go of', () => {
  const queue = new ByteQueue();
  const buffers = new Set<ArrayBufferLike>();
  for (let number = 0; number < 1_000; number++) {
    buffers.add(queue.add(new Uint8Array(10_000)).buffer);
    if (number >= 5) queue.shift();
  }
  assert.ok(buffers.size <= 3, `${buffers.size} buffers for ten megabytes`);
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../clock.ts';
import { NodeDisk } from '../../storage/node-disk.ts';
import { openEmbeddedLog } from './embedded-log.ts';

test('a partition tells what is on its way to the disk and for how long, and each sync is heard of', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'log-load-'));
  const synced: { milliseconds: number; bytes: number }[] = [];
  const log = openEmbeddedLog({
    ...{ directory, disk: new NodeDisk(), clock: systemClock, partitionCount: 1, dedupeWindow: 16 },
    ...{ segmentBytes: 65_536, recordMaxBytes: 16_384, inflightMaxBytes: 1 << 20 },
    newLogId: () => '0123456789abcdef0123456789abcdef',
    onSynced: (milliseconds, bytes) => synced.push({ milliseconds, bytes }),
  });
  t.after(async () => {
    await new Promise<void>((resolve) => log.close(() => resolve()));
    rmSync(directory, { recursive: true });
  });
  const partition = log.partition(0);
  const before = partition.load!();
  assert.deepEqual([before.inflightBytes, before.oldestInflightMs], [0, 0]);
  assert.equal(before.inflightMaxBytes, 1 << 20);
  const durable = Promise.withResolvers<void>();
  const beganAt = performance.now();
  partition.append('commands', new Uint8Array(1_000), () => durable.resolve());
  const waiting = partition.load!();
  assert.ok(waiting.inflightBytes >= 1_000);
  assert.ok(waiting.oldestInflightMs >= 0);
  assert.ok(waiting.oldestInflightMs <= performance.now() - beganAt);
  await durable.promise;
  const after = partition.load!();
  // Its file has grown to all that it may have.
  assert.deepEqual([after.inflightBytes, after.keptBytes], [0, 65_536]);
  assert.equal(synced.length, 1);
  assert.equal(synced[0]!.bytes, waiting.inflightBytes);
  assert.ok(synced[0]!.milliseconds > 0);
});

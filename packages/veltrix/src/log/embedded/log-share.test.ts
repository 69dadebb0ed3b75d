import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { systemClock } from '../../clock.ts';
import { NodeDisk } from '../../storage/node-disk.ts';
import type { Log } from '../log.ts';
import { lockEmbeddedLog, openEmbeddedLog, openLogShare } from './embedded-log.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-share-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const options = () => ({
  ...{ directory, disk: new NodeDisk(), clock: systemClock },
  ...{ partitionCount: 3, dedupeWindow: 1_024, newLogId: () => 'a'.repeat(32) },
  segmentBytes: 64 * 1024,
  recordMaxBytes: 16 * 1024,
});

/** A log of which another thread has partition 1. Its share crossed as messages do. */
function openShared(): { first: Log; other: Log } {
  const locked = lockEmbeddedLog(options());
  const share = structuredClone(locked.share([1]));
  return { first: locked.open([0, 2]), other: openLogShare(options(), share) };
}

const closed = (log: Log) =>
  new Promise<void>((resolve, reject) => log.close((error) => (error ? reject(error) : resolve())));

/** Several segments in each partition. */
async function fill(log: Log, partition: number, round: number): Promise<void> {
  const records = Array.from({ length: 30 }, (_, n) =>
    new Uint8Array(8_000).fill(partition * 100 + round * 40 + n),
  );
  await Promise.all(
    records.map(
      (record) =>
        new Promise<void>((resolve, reject) => {
          log
            .partition(partition)
            .append('commands', record, (error) => (error ? reject(error) : resolve()));
        }),
    ),
  );
}

function firstBytes(log: Log, partition: number): number[] {
  const seen: number[] = [];
  const found = log.partition(partition);
  for (let next = 1; next < found.durableEnd('commands'); ) {
    next = found.read('commands', next, 1 << 20, (_offset, bytes) => seen.push(bytes[0]!));
  }
  return seen;
}

test('two threads append to one log, and whoever opens it afterwards finds it all', async () => {
  for (const round of [0, 1]) {
    const { first, other } = openShared();
    await Promise.all([fill(first, 0, round), fill(other, 1, round), fill(first, 2, round)]);
    await closed(other);
    await closed(first);
  }
  const log = openEmbeddedLog(options());
  for (const partition of [0, 1, 2]) {
    const expected = [0, 1].flatMap((round) =>
      Array.from({ length: 30 }, (_, n) => (partition * 100 + round * 40 + n) & 0xff),
    );
    assert.deepEqual(firstBytes(log, partition), expected);
  }
  await closed(log);
});

test('the directory stays locked until whoever locked it closes', async () => {
  const { first, other } = openShared();
  await closed(other);
  assert.throws(() => lockEmbeddedLog(options()), { id: 'veltrix-log-locked' });
  await closed(first);
  await closed(openEmbeddedLog(options()));
});

test('a partition that another thread has is not here', async () => {
  const { first, other } = openShared();
  assert.throws(() => first.partition(1), RangeError);
  assert.throws(() => other.partition(0), RangeError);
  await closed(other);
  await closed(first);
});

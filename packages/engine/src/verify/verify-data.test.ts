import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  DecisionRecordReader,
  type LogPartition,
  NodeDisk,
  type Stream,
  systemClock,
} from 'veltrix';
import { openEmbeddedLog, openEmbeddedStateStore } from 'veltrix/embedded';
import { type Change, copyLog, playStoredHunt } from './testing/stored-hunt.ts';
import { verifyData } from './verify-data.ts';
import { verifyPartition } from './verify-partition.ts';

/*
 * A real data directory, and copies of it with one thing wrong each: a proof that finds nothing has to
 * be seen to find something.
 */
const teams = 20;
let root: string;
let played: string;
before(async () => {
  root = mkdtempSync(join(tmpdir(), 'hunt-verify-'));
  played = join(root, 'played');
  await playStoredHunt(played, teams);
});
after(() => rmSync(root, { recursive: true, force: true }));

const verify = (directory: string) =>
  verifyData({ directory, disk: new NodeDisk(), clock: systemClock, tableMaxRows: 1 << 20 });

let copies = 0;
async function verifyChanged(change: Change, edit?: Parameters<typeof copyLog>[3]) {
  const directory = join(root, `copy-${copies++}`);
  await copyLog(played, directory, change, edit);
  cpSync(join(played, 'checkpoints'), join(directory, 'checkpoints'), { recursive: true });
  const report = await verify(directory);
  return { report, invariants: new Set(report.firstViolations.map(({ invariant }) => invariant)) };
}

test('a data directory that an engine left is found right, with its checkpoints', async () => {
  const report = await verify(played);
  assert.deepEqual(report.firstViolations, []);
  assert.equal(report.violations, 0);
  assert.equal(report.undecided, 0);
  assert.ok(report.commands >= teams * 7 + 2);
  assert.equal(report.decisions, report.commands);
  assert.ok(report.partitions.every(({ checkpoint }) => checkpoint === 'equal'));
  assert.match(report.stateSha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(await verify(played), report);
});

test('a copy without changes is the same, byte for byte and state for state', async () => {
  const { report } = await verifyChanged(() => 'keep');
  assert.deepEqual(report, await verify(played));
});

test('a decision that is missing is found', async () => {
  const { invariants } = await verifyChanged((stream, _, offset) =>
    stream === 'events' && offset === 4 ? 'drop' : 'keep',
  );
  assert.ok(invariants.has('decided-once'));
});

test('a decision that is there twice is found, and that it scored twice', async () => {
  const { invariants } = await verifyChanged((stream, _, offset) =>
    stream === 'events' && offset === 3 ? 'twice' : 'keep',
  );
  assert.ok(invariants.has('decided-once') && invariants.has('scored-once'));
});

test('a decision under another command id is found', async () => {
  const reader = new DecisionRecordReader();
  const { invariants } = await verifyChanged(
    () => 'keep',
    (stream, bytes) => {
      if (stream !== 'events') return;
      reader.open(bytes);
      reader.next();
      const { idStart } = reader.decision;
      bytes[idStart + 15] = bytes[idStart + 15]! ^ 1;
    },
  );
  assert.ok(invariants.has('decided-once'));
});

test('grants beyond the stock are found', async () => {
  const { invariants } = await verifyChanged((stream) => (stream === 'events' ? 'twice' : 'keep'));
  assert.ok(invariants.has('grants-within-stock'));
});

test('a decision that the rules do not give is found, and the checkpoint then differs', async () => {
  let edited = 0;
  const reader = new DecisionRecordReader();
  const { report, invariants } = await verifyChanged(
    () => 'keep',
    (stream, bytes) => {
      if (stream !== 'events') return;
      reader.open(bytes);
      while (reader.next()) {
        if (reader.decision.eventCount === 0 || edited++ > 0) continue;
        const { view, idStart } = reader.decision;
        view.setInt32(idStart + 16, view.getInt32(idStart + 16, true) + 1, true);
      }
    },
  );
  assert.ok(invariants.has('same-decision'));
  assert.ok(invariants.has('state-is-fold'));
  assert.ok(report.partitions.some(({ checkpoint }) => checkpoint === 'different'));
});

test('commands after the last decision are undecided, not lost', async () => {
  const report = await verify(played);
  const last = new Map<number, number>();
  await copyLog(played, join(root, 'scan'), (stream, partition, offset) => {
    if (stream === 'events') last.set(partition, offset);
    return 'drop';
  });
  const { report: cut } = await verifyChanged((stream, partition, offset) =>
    stream === 'events' && offset === last.get(partition) ? 'drop' : 'keep',
  );
  assert.ok(cut.undecided > 0);
  assert.equal(cut.decisions + cut.undecided, report.commands);
  assert.equal(cut.violations, 0);
});

test('a shortened log is proven from its oldest checkpoint, with what was done before it', async () => {
  const directory = join(root, 'shortened');
  await copyLog(played, directory, () => 'keep');
  cpSync(join(played, 'checkpoints'), join(directory, 'checkpoints'), { recursive: true });
  const disk = new NodeDisk();
  const log = openEmbeddedLog({
    ...{ directory: join(directory, 'log'), disk, clock: systemClock, segmentBytes: 16 << 20 },
    newLogId: () => assert.fail('the log is there'),
  });
  const partition = log.partition(0);
  const prove = () => {
    const store = openEmbeddedStateStore({
      ...{ disk, directory: join(directory, 'checkpoints', 'p-0000'), fullEvery: 1 },
    });
    // As if retention had removed the first record.
    const shortened = {
      partition: 0,
      tornBytes: 0,
      start: (stream: Stream) => (stream === 'events' ? 2 : 1),
      read: partition.read.bind(partition),
    } as Partial<LogPartition> as LogPartition;
    return verifyPartition({
      ...{ identity: log.identity, partition: shortened, store, tableMaxRows: 1 << 20 },
      onProgress: () => {},
    });
  };
  const whole = prove();
  assert.ok(whole.from > 2 && whole.violations === 0, JSON.stringify(whole));
  // All that was decided before the checkpoint once more: what it scored and granted is known.
  const durable: Promise<void>[] = [];
  partition.read('events', 1, Number.MAX_SAFE_INTEGER, (offset, bytes) => {
    if (offset >= whole.from) return;
    durable.push(new Promise((resolve) => partition.append('events', bytes, () => resolve())));
  });
  await Promise.all(durable);
  const invariants = new Set(prove().firstViolations.map(({ invariant }) => invariant));
  assert.ok(invariants.has('scored-once'), [...invariants].join());
  await new Promise<void>((resolve) => log.close(() => resolve()));
});

test('a directory in use, or without a log, is refused', async () => {
  const log = openEmbeddedLog({
    directory: join(played, 'log'),
    disk: new NodeDisk(),
    clock: systemClock,
    newLogId: () => '0'.repeat(32),
    segmentBytes: 16 << 20,
  });
  await assert.rejects(verify(played), { id: 'veltrix-log-locked' });
  await new Promise<void>((resolve) => log.close(() => resolve()));
  await assert.rejects(verify(join(root, 'nothing')), { id: 'veltrix-log-missing' });
});

test('damage is found, with its file and place', async () => {
  const directory = join(root, 'damaged');
  await copyLog(played, directory, () => 'keep');
  const partition = join(directory, 'log', 'p-0000');
  const file = join(partition, readdirSync(partition).sort()[0]!);
  const bytes = readFileSync(file);
  bytes[6_000] = bytes[6_000]! ^ 1;
  writeFileSync(file, bytes);
  await assert.rejects(verify(directory), {
    id: 'veltrix-log-damaged',
    message: /p-0000.* at byte/,
  });
});

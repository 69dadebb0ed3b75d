import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, suite, test } from 'node:test';
import type { Disk } from '../../storage/disk.ts';
import { NodeDisk } from '../../storage/node-disk.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import type { Log } from '../log.ts';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import { openEmbeddedLogReader } from './embedded-log-reader.ts';
import { segmentHeaderBytes } from './journal-format.ts';

const directory = '/log';
const segmentOf = (sequence: number, partition = 0) =>
  `${directory}/p-000${partition}/journal-000000000000000${sequence}.seg`;

let world: SteppedWorld;
let log: Log;

/** Three records of 16,000 bytes fill a segment. */
function append(number: number): void {
  let durable = false;
  log.partition(0).append('events', recordOf(number, 16_000), () => {
    durable = true;
  });
  world.until(() => durable);
}

function close(): void {
  let closed = false;
  log.close(() => {
    closed = true;
  });
  world.until(() => closed);
}

/** Offsets seen by reading on in small steps until there is no more. */
function seen(disk: Disk = world.disk, partition = 0): number[] {
  const reader = openEmbeddedLogReader(directory, disk).partition(partition);
  const offsets: number[] = [];
  for (let next = 1, before = 0; before !== next; ) {
    before = next;
    next = reader.read('events', next, 1, (offset) => offsets.push(offset));
  }
  return offsets;
}

/** The simulated disk with one operation replaced. */
function changed(operation: Partial<Disk>): Disk {
  return {
    open: (path) => world.disk.open(path),
    list: (path) => world.disk.list(path),
    ...operation,
  } as Disk;
}

function zero(path: string, count: number): void {
  world.disk.open(path).write(0, new Uint8Array(count));
}

const damageIn = (file: string) => (error: unknown) => {
  const { id, details } = error as { id: string; details: Record<string, unknown> };
  assert.deepEqual([id, details['file']], ['veltrix-log-damaged', file]);
  return true;
};

beforeEach(() => {
  world = new SteppedWorld(1);
  world.disk.makeDirectory('/');
  log = openEmbeddedLog({
    ...{ directory, disk: world.disk, clock: world.clock, partitionCount: 2, dedupeWindow: 16 },
    ...{ segmentBytes: 65_536, recordMaxBytes: 16_384, newLogId: () => 'ab'.repeat(16) },
  });
});

suite('a reader without the lock reports', () => {
  test('a header that was lost, by the frames behind it', () => {
    for (let number = 1; number <= 5; number++) append(number);
    zero(segmentOf(1), 4096);
    assert.throws(() => seen(), damageIn(segmentOf(0)));
  });

  test('a lost header in the middle', () => {
    for (let number = 1; number <= 8; number++) append(number);
    zero(segmentOf(1), 4096);
    assert.throws(() => seen(), damageIn(segmentOf(1)));
    world.disk.remove(segmentOf(1));
    assert.throws(() => seen(), damageIn(segmentOf(2)));
  });

  test('a file that was cut within its header', () => {
    for (let number = 1; number <= 5; number++) append(number);
    world.disk.open(segmentOf(1)).truncate(40);
    assert.throws(() => seen(), damageIn(segmentOf(1)));
  });

  test('a lost partition, once another holds records', () => {
    world.disk.remove(segmentOf(0, 1));
    world.disk.remove(segmentOf(1, 1));
    assert.deepEqual(seen(world.disk, 1), [], 'it may still have to be made');
    append(1);
    assert.throws(() => seen(world.disk, 1), damageIn(`${directory}/p-0001`));
  });

  test('a directory that went away', () => {
    append(1);
    const reader = openEmbeddedLogReader(directory, world.disk).partition(0);
    for (const sequence of [0, 1]) world.disk.remove(segmentOf(sequence));
    assert.throws(() => reader.read('events', 1, 1, () => {}), damageIn(`${directory}/p-0000`));
  });

  test('a segment of another log', () => {
    close();
    const foreign = new SteppedWorld(2);
    foreign.disk.makeDirectory('/');
    openEmbeddedLog({
      ...{ directory, disk: foreign.disk, clock: foreign.clock },
      ...{ partitionCount: 2, dedupeWindow: 16, newLogId: () => 'cd'.repeat(16) },
    });
    const bytes = new Uint8Array(segmentHeaderBytes);
    foreign.disk.open(segmentOf(0, 1)).read(0, bytes);
    world.disk.open(segmentOf(0, 1)).write(0, bytes);
    assert.throws(() => seen(world.disk, 1), damageIn(segmentOf(0, 1)));
  });

  test('a file that is listed and not there, listing after listing', () => {
    append(1);
    const disk = changed({
      list: (path) => [...world.disk.list(path), 'journal-0000000000000002.seg'],
    });
    assert.throws(() => seen(disk), { id: 'veltrix-log-io-failed' });
  });
});

suite('a reader without the lock goes on', () => {
  test('while a header is being written, however long that takes', () => {
    for (let number = 1; number <= 4; number++) append(number);
    // What another process may see in the middle of the write: the last bytes are missing still.
    const disk = changed({
      open: (path) => {
        const file = world.disk.open(path);
        if (path !== segmentOf(1)) return file;
        return {
          ...file,
          read: (position, into) => {
            const count = file.read(position, into);
            into.fill(0, Math.max(0, 64 - position));
            return count;
          },
        };
      },
    });
    assert.deepEqual(seen(disk), [1, 2]);
  });

  test('when retention removes files after they were listed, and visits no record twice', () => {
    for (let number = 1; number <= 12; number++) append(number);
    let reading = false;
    const disk = changed({
      open: (path) => {
        if (reading && path === segmentOf(2)) {
          for (const sequence of [0, 1, 2]) world.disk.remove(segmentOf(sequence));
        }
        return world.disk.open(path);
      },
    });
    const reader = openEmbeddedLogReader(directory, disk).partition(0);
    const offsets: number[] = [];
    reading = true;
    const next = reader.read('events', 1, 1 << 20, (offset) => offsets.push(offset));
    assert.deepEqual(offsets, [1, 2, 3, 4, 5, 6]);
    assert.equal(next, 7);
    assert.throws(() => reader.read('events', next, 1, () => {}), {
      id: 'veltrix-log-offset-gone',
      details: { offset: 7, partition: 0, stream: 'events', first: 10 },
    });
  });
});

suite('the written end', () => {
  const end = () => openEmbeddedLogReader(directory, world.disk).partition(0).writtenEnd();

  test('is above the last whole frame, which no later one has called durable yet', () => {
    assert.deepEqual(end(), { commands: 1, events: 1 });
    for (let number = 1; number <= 5; number++) append(number);
    assert.deepEqual(seen(), [1, 2, 3, 4]);
    assert.deepEqual(end(), { commands: 1, events: 6 });
    const reader = openEmbeddedLogReader(directory, world.disk).partition(0);
    const offsets: number[] = [];
    reader.read('events', 1, 1 << 20, (offset) => offsets.push(offset), reader.writtenEnd().events);
    assert.deepEqual(offsets, [1, 2, 3, 4, 5]);
  });

  test('is below a frame that is half there', () => {
    for (let number = 1; number <= 2; number++) append(number);
    const file = world.disk.open(segmentOf(0));
    file.write(segmentHeaderBytes + 16_000 * 2, new Uint8Array(100).fill(1));
    assert.deepEqual(end(), { commands: 1, events: 2 });
  });

  test('knows what was durable and is gone for damage', () => {
    for (let number = 1; number <= 3; number++) append(number);
    world.disk.open(segmentOf(0)).write(segmentHeaderBytes + 16_000, new Uint8Array(100).fill(1));
    assert.throws(end, damageIn(segmentOf(0)));
  });
});

const href = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** Appends 3,000 records in groups of eight, and exits without closing the log. */
const writer = (path: string) => `
  import { systemClock } from ${href('../../clock.ts')};
  import { NodeDisk } from ${href('../../storage/node-disk.ts')};
  import { recordOf } from ${href('../log-contract/log-harness.contract.ts')};
  import { openEmbeddedLog } from ${href('embedded-log.ts')};
  const log = openEmbeddedLog({
    directory: ${JSON.stringify(path)}, disk: new NodeDisk(), clock: systemClock,
    partitionCount: 1, dedupeWindow: 16, newLogId: () => '0'.repeat(32),
    segmentBytes: 1 << 20, recordMaxBytes: 16384,
  });
  const partition = log.partition(0);
  const append = () => {
    const offset = partition.end('commands');
    if (offset > 3000) return;
    partition.append('commands', recordOf(offset, 1000 + (offset % 7) * 500), () => {
      if (offset === 3000) process.exit();
      append();
    });
  };
  console.log('ready');
  for (let caller = 0; caller < 8; caller++) append();
`;

test('a reader beside a process that writes sees every record once and raises no alarm', async () => {
  const path = mkdtempSync(join(tmpdir(), 'embedded-log-beside-'));
  let child: ChildProcess | undefined;
  try {
    child = spawn(process.execPath, ['--input-type=module', '--eval', writer(path)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await once(child.stdout!, 'data');
    const reader = openEmbeddedLogReader(path, new NodeDisk()).partition(0);
    let next = 1;
    const readOn = () => {
      next = reader.read('commands', next, 1 << 20, (offset, bytes) => {
        assert.equal(offset, next++);
        assert.deepEqual(bytes.slice(), recordOf(offset, 1000 + (offset % 7) * 500));
      });
    };
    while (child.exitCode === null && child.signalCode === null) {
      readOn();
      const fresh = openEmbeddedLogReader(path, new NodeDisk()).partition(0);
      fresh.read('commands', fresh.start('commands'), 65_536, () => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
    await exited;
    for (let before = 0; before !== next; readOn()) before = next;
    assert.ok(next > 3000 - 16 && next <= 3001, `it ends at ${next}`);
    assert.equal(reader.writtenEnd().commands, 3001, 'all that was acknowledged');
  } finally {
    child?.kill('SIGKILL');
    rmSync(path, { recursive: true });
  }
});

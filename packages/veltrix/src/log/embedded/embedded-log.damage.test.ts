import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import type { CodedError } from '../../coded-error.ts';
import { crc32c as crc32cOf } from '../../storage/crc32c.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import type { Log, Stream } from '../log.ts';
import { readAll, recordOf } from '../log-contract/log-harness.contract.ts';
import { type EmbeddedLogOptions, openEmbeddedLog } from './embedded-log.ts';
import { openEmbeddedLogReader } from './embedded-log-reader.ts';
import { FrameBuffer } from './frame-buffer.ts';
import { frameSeed, segmentHeaderBytes } from './journal-format.ts';

const directory = '/data/log';
const logId = 'fedcba9876543210fedcba9876543210';
const segmentOf = (partition: number, sequence: number) =>
  `${directory}/p-000${partition}/journal-000000000000000${sequence}.seg`;

let world: SteppedWorld;
let log: Log;

function open(settings: Partial<EmbeddedLogOptions> = {}): Log {
  log = openEmbeddedLog({
    ...{ directory, disk: world.disk, clock: world.clock },
    ...{ segmentBytes: 65_536, recordMaxBytes: 16_384, newLogId: () => logId },
    ...settings,
  });
  return log;
}

function append(partition: number, stream: Stream, record: Uint8Array): void {
  let durable = false;
  log.partition(partition).append(stream, record, (error) => {
    assert.ifError(error);
    durable = true;
  });
  world.until(() => durable);
}

function close(): void {
  let closed = false;
  log.close((error) => {
    assert.ifError(error);
    closed = true;
  });
  world.until(() => closed);
}

function refusal(action: () => unknown): CodedError {
  try {
    action();
  } catch (error) {
    return error as CodedError;
  }
  return assert.fail('it was not refused');
}

beforeEach(() => {
  world = new SteppedWorld(1);
  world.disk.makeDirectory('/');
  open({ partitionCount: 2, dedupeWindow: 1024 });
});

suite('the embedded log refuses a directory', () => {
  test('without a log, when no partition count is given', () => {
    world = new SteppedWorld(2);
    world.disk.makeDirectory('/');
    assert.equal(refusal(() => open()).id, 'veltrix-log-missing');
    assert.equal(
      refusal(() => openEmbeddedLogReader(directory, world.disk)).id,
      'veltrix-log-missing',
    );
    open({ partitionCount: 1, dedupeWindow: 16 });
  });

  test('of which a partition was lost', () => {
    append(0, 'commands', recordOf(1));
    close();
    world.disk.remove(segmentOf(1, 0));
    world.disk.remove(segmentOf(1, 1));
    const { id, details } = refusal(() => open());
    assert.equal(id, 'veltrix-log-damaged');
    assert.equal(details['file'], `${directory}/p-0001`);
  });

  test('with more partitions than the log has', () => {
    close();
    world.disk.makeDirectory(`${directory}/p-0007`);
    const { id, details } = refusal(() => open());
    assert.equal(id, 'veltrix-log-identity-mismatch');
    assert.equal(details['found'], 7);
  });

  test('with a segment missing in the middle', () => {
    for (let number = 0; number < 20; number++) append(0, 'events', recordOf(number, 16_000));
    close();
    world.disk.remove(segmentOf(0, 2));
    assert.equal(refusal(() => open()).details['file'], segmentOf(0, 3));
    assert.equal(
      refusal(() => openEmbeddedLogReader(directory, world.disk)).id,
      'veltrix-log-damaged',
    );
  });

  test('written by another release', () => {
    close();
    const file = world.disk.open(segmentOf(0, 0));
    const header = Buffer.alloc(segmentHeaderBytes);
    file.read(0, header);
    header.writeUInt32LE(2, 12);
    header.writeUInt32LE(crc32cOf(header.subarray(12)), 8);
    file.write(0, header);
    for (const action of [open, () => openEmbeddedLogReader(directory, world.disk)]) {
      const { id, details } = refusal(() => action());
      assert.equal(id, 'veltrix-log-identity-mismatch');
      assert.deepEqual([details['field'], details['found']], ['format', 2]);
    }
  });

  test('with a segment of another log among its own', () => {
    append(0, 'commands', recordOf(1));
    close();
    const foreign = new SteppedWorld(3);
    foreign.disk.makeDirectory('/');
    openEmbeddedLog({
      ...{ directory, disk: foreign.disk, clock: foreign.clock },
      ...{ partitionCount: 2, dedupeWindow: 1024, newLogId: () => '0'.repeat(32) },
      ...{ segmentBytes: 65_536, recordMaxBytes: 16_384 },
    });
    const bytes = new Uint8Array(segmentHeaderBytes);
    foreign.disk.open(segmentOf(1, 0)).read(0, bytes);
    world.disk.open(segmentOf(1, 0)).write(0, bytes);
    assert.equal(refusal(() => open()).details['file'], segmentOf(1, 0));
  });

  test('after which its lock is free again', () => {
    close();
    world.disk.flipBit(segmentOf(0, 0), 20);
    assert.equal(refusal(() => open()).id, 'veltrix-log-damaged');
    world.disk.flipBit(segmentOf(0, 0), 20);
    open();
  });
});

suite('the tail of the embedded log', () => {
  /** Where the last frame of a segment that holds a few small records starts, and how long it is. */
  function lastFrame(path: string): { position: number; size: number } {
    const bytes = Buffer.alloc(65_536);
    world.disk.open(path).read(0, bytes);
    const position = bytes.lastIndexOf('VXFR');
    return { position, size: bytes.readUInt32LE(position + 8) };
  }

  test('when it is torn, is cut and reported, and nothing of it comes back', () => {
    append(0, 'commands', recordOf(1));
    append(0, 'commands', recordOf(2));
    const path = segmentOf(0, 0);
    const { position, size } = lastFrame(path);
    world.disk.flipBit(path, position + 60);
    world.crash();
    const partition = open().partition(0);
    assert.equal(partition.tornBytes, size);
    assert.deepEqual(readAll(partition, 'commands'), [[1, recordOf(1)]]);
    append(0, 'commands', recordOf(3));
    close();
    const again = open().partition(0);
    assert.equal(again.tornBytes, 0);
    assert.deepEqual(readAll(again, 'commands'), [
      [1, recordOf(1)],
      [2, recordOf(3)],
    ]);
  });

  test('when it is cut, leaves nothing behind that fits what is written next', () => {
    const killAndOpen = () => {
      world.kill();
      return open({ frameBytes: 100 }).partition(0);
    };
    /** Appends without waiting for the sync; each record gets a frame of its own. */
    const write = (numbers: readonly number[]) => {
      for (const number of numbers) log.partition(0).append('commands', recordOf(number, 60));
      while (!lastFrameHolds(numbers.at(-1)!)) world.step();
    };
    const lastFrameHolds = (number: number) => {
      const bytes = Buffer.alloc(65_536);
      world.disk.open(segmentOf(0, 0)).read(0, bytes);
      return bytes.indexOf(recordOf(number, 60)) > 0;
    };
    killAndOpen();
    write([1, 2]);
    world.disk.flipBit(segmentOf(0, 0), segmentHeaderBytes + 128 + 60);
    assert.ok(killAndOpen().tornBytes > 0);
    write([3]);
    assert.deepEqual(readAll(killAndOpen(), 'commands'), [[1, recordOf(3, 60)]]);
  });

  test('when it was sealed by a clean stop, is not taken for torn', () => {
    append(0, 'commands', recordOf(1));
    const path = segmentOf(0, 0);
    const { position } = lastFrame(path);
    close();
    world.disk.flipBit(path, position + 60);
    const { id, details } = refusal(() => open());
    assert.equal(id, 'veltrix-log-damaged');
    assert.deepEqual([details['file'], details['position']], [path, position]);
  });

  test('survives when a power cut meets retention while a new segment is begun', () => {
    for (let seed = 1; seed <= 60; seed++) {
      world = new SteppedWorld(seed);
      world.disk.makeDirectory('/');
      open({ partitionCount: 1, dedupeWindow: 16 });
      for (let number = 1; number <= 3; number++) append(0, 'events', recordOf(number, 16_000));
      // The fourth does not fit. Its segment is begun, and nothing of it is durable yet.
      log.partition(0).append('events', recordOf(4, 16_000));
      while (!begun(1)) world.step();
      log.partition(0).retainFrom(1, 4);
      world.crash();
      const partition = open().partition(0);
      assert.ok(partition.durableEnd('events') >= 4, `seed ${seed}`);
    }
  });

  function begun(sequence: number): boolean {
    if (
      !world.disk.list(`${directory}/p-0000`).includes(`journal-000000000000000${sequence}.seg`)
    ) {
      return false;
    }
    const magic = new Uint8Array(1);
    world.disk.open(segmentOf(0, sequence)).read(0, magic);
    return magic[0] !== 0;
  }

  test('is not confused by a frame that somebody put into a record', () => {
    const frame = new FrameBuffer();
    frame.reset({ frame: 5, commands: 9, events: 9 });
    frame.add('commands', recordOf(99), undefined);
    // The place is right, the log id is not: nobody outside knows it.
    const forged = frame.seal(frameSeed('0'.repeat(32), 0, 0), 5).slice();
    append(0, 'commands', forged);
    const path = segmentOf(0, 0);
    world.disk.flipBit(path, segmentHeaderBytes + 128 + 40);
    world.crash();
    const partition = open().partition(0);
    assert.deepEqual(readAll(partition, 'commands'), []);
    assert.ok(partition.tornBytes > 0);
  });
});

suite('a reader beside the writer', () => {
  const seen = (below?: number) => {
    const offsets: number[] = [];
    const reader = openEmbeddedLogReader(directory, world.disk).partition(0);
    let next = 1;
    for (let before = 0; before !== next; ) {
      before = next;
      next = reader.read('commands', next, 1, (offset) => offsets.push(offset), below);
    }
    return offsets;
  };

  test('sees all but the last group, with a durable end all below it, after a clean stop all', () => {
    for (let number = 1; number <= 3; number++) append(0, 'commands', recordOf(number));
    assert.deepEqual(seen(), [1, 2]);
    assert.deepEqual(seen(4), [1, 2, 3]);
    assert.deepEqual(seen(2), [1]);
    close();
    assert.deepEqual(seen(), [1, 2, 3]);
  });

  test('goes on into segments that are begun later, and below those removed', () => {
    const reader = openEmbeddedLogReader(directory, world.disk).partition(0);
    let next = 1;
    for (let number = 1; number <= 12; number++) {
      append(0, 'commands', recordOf(number, 16_000));
      next = reader.read('commands', next, 1 << 20, (offset, bytes) => {
        assert.deepEqual(bytes.slice(), recordOf(offset, 16_000));
      });
      assert.equal(next, number);
    }
    log.partition(0).retainFrom(12, 1);
    while (world.step());
    assert.equal(reader.start('commands'), 1, 'as far as it has seen');
    const { id } = refusal(() => reader.read('commands', 1, 1, () => {}));
    assert.equal(id, 'veltrix-log-offset-gone');
    assert.ok(reader.start('commands') > 1);
  });

  test('writes nothing and needs no lock', () => {
    append(0, 'commands', recordOf(1));
    append(0, 'commands', recordOf(2));
    const writes: string[] = [];
    world.disk.beforeOperation = (operation) => {
      if (operation !== 'open' && operation !== 'read') writes.push(operation);
    };
    assert.deepEqual(seen(), [1]);
    assert.deepEqual(writes, []);
    assert.equal(openEmbeddedLogReader(directory, world.disk).identity.logId, logId);
  });
});

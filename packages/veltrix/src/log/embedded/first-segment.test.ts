import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import type { Log } from '../log.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import { openEmbeddedLogReader } from './embedded-log-reader.ts';

/* Which segment a log writes to while there is time to fill the next one with zeros. */

const segmentBytes = 8 << 20;
const directory = '/log';
const record = new Uint8Array(100).fill(7);

function open({ disk, clock }: SteppedWorld, partitionCount = 1): Log {
  const options = { partitionCount, dedupeWindow: 1024, segmentBytes };
  const newLogId = () => '0123456789abcdef0123456789abcdef';
  return openEmbeddedLog({ directory, disk, clock, newLogId, ...options, recordMaxBytes: 4096 });
}

function append(world: SteppedWorld, log: Log): void {
  let durable = false;
  log.partition(0).append('events', record, (error) => {
    assert.ifError(error);
    durable = true;
  });
  world.until(() => durable);
}

/** Those that hold something, with how large their files are. */
function segments({ disk }: SteppedWorld): number[] {
  const path = `${directory}/p-0000`;
  const used: number[] = [];
  for (const name of disk.list(path)) {
    const file = disk.open(`${path}/${name}`);
    const header = new Uint8Array(8);
    file.read(0, header);
    if (header.some((byte) => byte !== 0)) used.push(file.size());
    file.close();
  }
  return used;
}

test('a log leaves a segment that was not filled with zeros once the next one is, and only then', () => {
  const world = new SteppedWorld(1);
  const log = open(world);
  for (let count = 0; count < 20; count++) append(world, log);
  assert.equal(segments(world).length, 1);
  while (world.step());
  append(world, log);
  const [first, second] = segments(world);
  assert.ok(first! < segmentBytes);
  assert.equal(second, segmentBytes);
  while (world.step());
  for (let count = 0; count < 20; count++) append(world, log);
  assert.equal(segments(world).length, 2, 'a filled one is used up');
  const seen: number[] = [];
  let next = 1;
  while (next < log.partition(0).durableEnd('events')) {
    next = log.partition(0).read('events', next, 4096, (offset, bytes) => {
      assert.deepEqual(Uint8Array.from(bytes), record);
      seen.push(offset);
    });
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 41 }, (_, index) => index + 1),
  );
});

test('a segment whose first frame a crash has torn is gone on with, however late', () => {
  const world = new SteppedWorld(1);
  let log = open(world);
  append(world, log);
  while (world.step());
  append(world, log);
  world.kill();
  world.disk.flipBit(`${directory}/p-0000/journal-0000000000000001.seg`, 4096 + 20);
  log = open(world);
  while (world.step());
  append(world, log);
  const end = log.partition(0).durableEnd('events');
  world.kill();
  assert.equal(open(world).partition(0).durableEnd('events'), end);
});

test('a partition that is lost is missed where another has nothing but its first record in the first segment', () => {
  const world = new SteppedWorld(1);
  const log = open(world, 2);
  while (world.step());
  append(world, log);
  assert.equal(segments(world).length, 2);
  world.kill();
  const { disk } = world;
  const lost = `${directory}/p-0001`;
  for (const name of disk.list(lost)) disk.remove(`${lost}/${name}`);
  const reader = openEmbeddedLogReader(directory, disk);
  assert.throws(() => reader.partition(1).read('events', 1, 4096, () => {}), {
    id: 'veltrix-log-damaged',
  });
});

test('what is kept is counted by its files, of which those that were left early are smaller', () => {
  const world = new SteppedWorld(1);
  let log = open(world);
  const partition = () => log.partition(0);
  append(world, log);
  while (world.step());
  append(world, log);
  // More than what is left of the filled one, at once: the one behind it is not filled yet.
  const large = new Uint8Array(4096);
  for (let bytes = 0; bytes < segmentBytes; bytes += large.length) {
    partition().append('events', large);
  }
  append(world, log);
  while (world.step());
  append(world, log);
  const sizes = segments(world);
  assert.equal(sizes.length, 4);
  assert.ok(sizes[2]! < segmentBytes, 'the third was left early');
  const kept = () => segments(world).reduce((sum, size) => sum + size, 0);
  assert.equal(partition().load!().keptBytes, kept());
  world.kill();
  log = open(world);
  assert.equal(partition().load!().keptBytes, kept());
  const end = partition().durableEnd('events');
  const others = kept() - sizes[0]!;
  assert.equal(partition().retainFrom(1, end, others + 1), 0);
  assert.equal(partition().retainFrom(1, end, others), sizes[0]);
  assert.equal(partition().load!().keptBytes, others);
});

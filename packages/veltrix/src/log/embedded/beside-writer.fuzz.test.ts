import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CodedError } from '../../coded-error.ts';
import { crc32c } from '../../storage/crc32c.ts';
import type { Disk, DiskFile } from '../../storage/disk.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import type { Log, Stream } from '../log.ts';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import { type EmbeddedPartitionReader, openEmbeddedLogReader } from './embedded-log-reader.ts';
import {
  frameHeaderBytes,
  frameMagicBytes,
  frameSeed,
  segmentHeaderBytes,
} from './journal-format.ts';

/*
 * Aim: a reader without the lock never takes what a writer is writing, or a crash has torn, for
 * damage; and damage to what can be known to be durable is always reported, never read around.
 */
const directory = '/log';
const logId = 'ab'.repeat(16);
const partitionPath = `${directory}/p-0000`;
const streams = ['commands', 'events'] as const;

/** A writer with small segments, and everything appended that is still there, by stream and offset. */
class Writer {
  readonly world: SteppedWorld;
  readonly appended = new Map<string, Uint8Array>();
  log!: Log;
  #isRunning = false;
  #number = 0;
  #left: number;

  /** @param appends it makes this many in all */
  constructor(seed: number, appends: number) {
    this.world = new SteppedWorld(seed);
    this.world.disk.makeDirectory(directory);
    this.world.disk.syncDirectory('/');
    this.#left = appends;
    this.open();
  }

  open(): void {
    const { disk, clock } = this.world;
    this.log = openEmbeddedLog({
      ...{ directory, disk, clock, partitionCount: 1, dedupeWindow: 16 },
      ...{ segmentBytes: 16_384, frameBytes: 1024, recordMaxBytes: 6000 },
      newLogId: () => logId,
    });
    this.#isRunning = true;
    const partition = this.log.partition(0);
    for (const key of this.appended.keys()) {
      const [stream, offset] = key.split(' ') as [Stream, string];
      if (Number(offset) >= partition.end(stream)) this.appended.delete(key);
    }
  }

  append(): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    const { random } = this.world;
    const stream = random.pick(streams);
    const bytes = recordOf(this.#number++, random.pick([16, 200, 456, 1000, 5000]));
    this.appended.set(`${stream} ${this.log.partition(0).append(stream, bytes)}`, bytes);
  }

  /** Something happens in the writer's process. */
  step(): void {
    if (!this.#isRunning) return;
    if (this.world.random.chance(0.3)) this.append();
    else this.world.step();
  }

  retain(): void {
    if (!this.#isRunning) return;
    const partition = this.log.partition(0);
    const from = (stream: Stream) =>
      this.world.random.between(partition.start(stream), partition.durableEnd(stream));
    partition.retainFrom(from('commands'), from('events'));
  }

  kill(): void {
    this.#isRunning = false;
    this.world.kill();
  }

  close(): void {
    this.#isRunning = false;
    let closed = false;
    this.log.close(() => {
      closed = true;
    });
    this.world.until(() => closed);
  }
}

/**
 * What another process sees: the writer goes on while a read or a listing is under way, and each eight
 * bytes, each name, are seen as they were before or as they are after.
 */
class RacingDisk {
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  get disk(): Disk {
    const { disk } = this.#writer.world;
    return {
      open: (path) => this.#race(disk.open(path)),
      list: (path) => this.#list(path),
    } as Disk;
  }

  #goOn(): void {
    const { random } = this.#writer.world;
    if (random.chance(0.5))
      for (let left = random.between(1, 25); left > 0; left--) this.#writer.step();
  }

  #list(path: string): string[] {
    const { disk, random } = this.#writer.world;
    const before = disk.list(path);
    if (random.chance(0.2)) this.#writer.retain();
    this.#goOn();
    const after = disk.list(path);
    return [...new Set([...before, ...after])]
      .filter((name) => (before.includes(name) && after.includes(name)) || random.chance(0.5))
      .sort();
  }

  #race(file: DiskFile): DiskFile {
    const { random } = this.#writer.world;
    return {
      ...file,
      read: (position, into) => {
        const before = new Uint8Array(into.length);
        file.read(position, before);
        this.#goOn();
        const count = file.read(position, into);
        if (Buffer.compare(before, into) === 0) return count;
        for (let at = 0; at < into.length; at += 8) {
          if (random.chance(0.5)) into.set(before.subarray(at, at + 8), at);
        }
        return count;
      },
    };
  }
}

function readOn(
  reader: EmbeddedPartitionReader,
  writer: Writer,
  next: Record<Stream, number>,
): void {
  for (const stream of streams) {
    try {
      next[stream] = reader.read(stream, next[stream], 4096, (offset, bytes) => {
        const expected = writer.appended.get(`${stream} ${offset}`);
        assert.ok(expected && Buffer.compare(bytes, expected) === 0, `${stream} ${offset}`);
        assert.ok(offset < writer.log.partition(0).durableEnd(stream), 'it is durable');
        assert.equal(offset, next[stream]++, 'none is left out, none comes twice');
      });
    } catch (error) {
      if ((error as CodedError).id !== 'veltrix-log-offset-gone') throw error;
      next[stream] = Number((error as CodedError).details['first']);
    }
  }
}

function readBesideWriter(seed: number): void {
  const writer = new Writer(seed, 150);
  const { random } = writer.world;
  const open = () => openEmbeddedLogReader(directory, new RacingDisk(writer).disk).partition(0);
  const lasting = { reader: open(), next: { commands: 1, events: 1 } };
  for (let turn = 0; turn < 40; turn++) {
    readOn(lasting.reader, writer, lasting.next);
    const fresh = open();
    readOn(fresh, writer, { commands: fresh.start('commands'), events: fresh.start('events') });
    const choice = random.next();
    if (choice < 0.1) {
      writer.kill();
      readOn(lasting.reader, writer, lasting.next);
      writer.open();
    } else if (choice < 0.15) {
      writer.close();
      writer.open();
    } else writer.step();
  }
  writer.close();
  for (const stream of streams) {
    while (lasting.next[stream] < writer.log.partition(0).end(stream)) {
      readOn(lasting.reader, writer, lasting.next);
    }
  }
}

interface Frame {
  readonly path: string;
  readonly position: number;
  readonly end: number;
  readonly durableFrames: number;
  readonly commandsEnd: number;
}

/** All whole frames up to the first that is not, of a log that nobody is writing, with the commands there are up to each. */
function framesOf({ disk }: SteppedWorld): Frame[] {
  const frames: Frame[] = [];
  for (const name of disk.list(partitionPath)) {
    const path = `${partitionPath}/${name}`;
    const bytes = Buffer.alloc(20_000);
    disk.open(path).read(0, bytes);
    const seed = frameSeed(logId, 0, Number.parseInt(name.slice(8, 24), 16));
    for (let position = segmentHeaderBytes; ; ) {
      const frame = bytes.subarray(position, position + frameHeaderBytes);
      if (!frame.subarray(0, 4).equals(frameMagicBytes)) break;
      const end = position + frame.readUInt32LE(8);
      if (crc32c(bytes.subarray(position + 8, end), seed) !== frame.readUInt32LE(4)) break;
      let commandsEnd = Number(frame.readBigUInt64LE(32));
      for (let at = position + frameHeaderBytes; at < end; ) {
        if (bytes[at + 4] === 0) commandsEnd += 1;
        at += 8 + Math.ceil(bytes.readUInt32LE(at) / 8) * 8;
      }
      frames.push({ path, position, end, durableFrames: frame.readUInt32LE(24), commandsEnd });
      position = end;
    }
  }
  return frames;
}

/** Reads everything a reader gets to see; returns where commands end. */
function commandsSeen({ disk }: SteppedWorld): number {
  const reader = openEmbeddedLogReader(directory, disk).partition(0);
  const endOf = (stream: Stream) => {
    for (let next = 1; ; ) {
      const before = next;
      next = reader.read(stream, before, 4096, () => {});
      if (next === before) return next;
    }
  };
  endOf('events');
  return endOf('commands');
}

/** Flips bits all over a log that was stopped or whose power was cut, one at a time, and reads it. */
function flipBits(seed: number): { reported: number; unproven: number } {
  const writer = new Writer(seed, 60);
  const { world } = writer;
  const { disk, random } = world;
  for (let step = random.between(20, 250); step > 0; step--) writer.step();
  const ending = random.pick(['stop', 'kill', 'power cut']);
  if (ending === 'stop') writer.close();
  else if (ending === 'kill') world.kill();
  else world.crash();
  const frames = framesOf(world);
  const lastPath = frames.at(-1)!.path;
  // Record 0 repeats what headers say; where it has a segment to itself, no reader comes there.
  const first = frames.length > 1 && frames[1]!.path !== frames[0]!.path ? 1 : 0;
  const count = { reported: 0, unproven: 0 };
  for (let flip = 0; flip < 25; flip++) {
    const flipped = random.between(first, frames.length - 1);
    const { path, position, end } = frames[flipped]!;
    const inHeader = random.chance(0.1);
    const at = inHeader
      ? random.between(0, segmentHeaderBytes - 1)
      : random.between(position, end - 1);
    const bit = random.between(0, 7);
    // A segment that is not the last is durable as a whole.
    const inLast = frames.findIndex((frame) => frame.path === lastPath);
    const provenBy = (others: readonly Frame[]) =>
      Math.max(inLast, ...others.map(({ durableFrames }) => durableFrames));
    const proven = provenBy(frames.filter((_, index) => index !== flipped));
    disk.flipBit(path, at, bit);
    if (inHeader || flipped < proven) {
      assert.throws(
        () => commandsSeen(world),
        (error) => {
          const { id, details } = error as CodedError;
          const place = inHeader ? 0 : position;
          return (
            id === 'veltrix-log-damaged' &&
            details['file'] === path &&
            details['position'] === place
          );
        },
        `byte ${at} of ${path}`,
      );
      count.reported += 1;
    } else {
      // What comes after a bad frame is not believed to be the log's.
      const expected = frames[provenBy(frames.slice(0, flipped)) - 1]?.commandsEnd ?? 1;
      assert.equal(commandsSeen(world), expected, `byte ${at} of ${path}`);
      count.unproven += 1;
    }
    disk.flipBit(path, at, bit);
  }
  return count;
}

function forEachSeed<T>(count: number, body: (seed: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => {
    try {
      return body(index + 1);
    } catch (error) {
      throw new Error(`seed ${index + 1}: ${(error as Error).message}`, { cause: error });
    }
  });
}

suite('a reader without the lock', () => {
  test('raises no alarm beside a writer, whatever of its writes it sees', () => {
    forEachSeed(60, readBesideWriter);
  });

  test('reports a flipped bit in every frame that others say was durable, and in no other', () => {
    const counts = forEachSeed(50, flipBits);
    assert.ok(counts.some(({ reported }) => reported > 0));
    assert.ok(counts.some(({ unproven }) => unproven > 0));
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CodedError } from '../../coded-error.ts';
import type { DiskOperation } from '../../storage/simulated-disk.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import type { Log, LogPartition, Stream } from '../log.ts';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import { openEmbeddedLogReader } from './embedded-log-reader.ts';
import { frameHeaderBytes, frameMagic, segmentHeaderBytes } from './journal-format.ts';

/*
 * Aim: whatever happens, what was acknowledged is there, in order, and nothing else is; and damage to
 * what was durable is reported, never served.
 * Method: random appends, completions, clean stops, retention, failing and full disks, and kills
 * and power cuts at random I/O steps (also during recovery), beside a plain list of what was appended.
 */
const seeds = 60;
const stepsPerSeed = 120;
const directory = '/log';

class PowerCut extends Error {}

interface Appended {
  readonly stream: Stream;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** One partition's log beside the list of everything appended to it and still there. */
class Scenario {
  readonly world: SteppedWorld;
  readonly #partition: number;
  log: Log | undefined;
  appended: Appended[] = [];
  /** The first so many are acknowledged. */
  acknowledged = 0;
  #number = 0;
  #logIds = 0;

  constructor(seed: number) {
    this.world = new SteppedWorld(seed);
    this.#partition = this.#chance(2);
    this.world.disk.makeDirectory(directory);
    this.world.disk.syncDirectory('/');
  }

  #chance(below: number): number {
    return Math.floor(this.world.random.next() * below);
  }

  get partition(): LogPartition {
    return this.log!.partition(this.#partition);
  }

  open(): void {
    const { disk, clock } = this.world;
    this.#logIds += 1;
    this.log = openEmbeddedLog({
      ...{ directory, disk, clock, partitionCount: 2, dedupeWindow: 16 },
      ...{
        segmentBytes: 16_384,
        frameBytes: 1024,
        recordMaxBytes: 6000,
        inflightMaxBytes: 1 << 20,
      },
      newLogId: () => this.#logIds.toString(16).padStart(32, '0'),
    });
  }

  append(): void {
    const stream = this.#chance(2) ? 'commands' : 'events';
    // Few sizes, so that what is left of a cut tail may fit behind what is written over it.
    const size = [16, 200, 456, 1000, 5000][this.#chance(5)]!;
    const bytes = recordOf(this.#number++, size);
    const entry = { stream, bytes, offset: this.partition.end(stream) } as const;
    this.appended.push(entry);
    const log = this.log;
    const offset = this.partition.append(stream, bytes, (error) => {
      assert.equal(log, this.log, 'no callback comes from a log that is gone');
      if (error) return;
      assert.equal(this.appended[this.acknowledged], entry, 'acknowledged in append order');
      this.acknowledged += 1;
    });
    assert.equal(offset, entry.offset);
  }

  /** Opens until it works, with the power failing now and then, and compares. */
  recover(): void {
    this.log = undefined;
    if (this.#chance(3) === 0) this.world.kill();
    else this.world.crash();
    this.world.disk.fullAfterBytes = Number.POSITIVE_INFINITY;
    for (;;) {
      try {
        this.cutPowerIn(this.#chance(4) === 0 ? this.#chance(60) : undefined);
        this.open();
        break;
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
        this.world.crash();
      }
    }
    this.world.disk.beforeOperation = undefined;
    this.compare();
  }

  cutPowerIn(operations: number | undefined): void {
    let left = operations;
    this.world.disk.beforeOperation = (_operation: DiskOperation) => {
      if (left === undefined) return;
      if (left === 0) throw new PowerCut();
      left -= 1;
    };
  }

  /** What the log holds must be the beginning of what was appended, up to the last acknowledged at least. */
  compare(): void {
    const { partition } = this;
    const kept = (entry: Appended) => entry.offset < partition.end(entry.stream);
    const firstLost = this.appended.findIndex((entry) => !kept(entry));
    const count = firstLost < 0 ? this.appended.length : firstLost;
    assert.ok(count >= this.acknowledged, `${this.acknowledged} acknowledged, ${count} there`);
    assert.ok(!this.appended.slice(count).some(kept), 'what is there is the beginning');
    this.appended.length = count;
    this.acknowledged = count;
    assert.deepEqual(this.#readAll(partition.read.bind(partition)), this.#expected());
    for (const stream of ['commands', 'events'] as const) {
      const last = this.appended.findLast((entry) => entry.stream === stream);
      if (last) assert.equal(partition.end(stream), last.offset + 1);
      assert.equal(partition.end(stream), partition.durableEnd(stream));
    }
  }

  #expected(): string[] {
    const there = this.appended.filter(
      ({ stream, offset }) => offset >= this.partition.start(stream),
    );
    const of = (stream: Stream) => there.filter((entry) => entry.stream === stream).map(describe);
    return [...of('commands'), ...of('events')];
  }

  #readAll(read: LogPartition['read']): string[] {
    const found: string[] = [];
    for (const stream of ['commands', 'events'] as const) {
      let next = this.partition.start(stream);
      for (let before = -1; before !== next; ) {
        before = next;
        next = read(stream, next, 4096, (offset, bytes) => {
          found.push(describe({ stream, offset, bytes }));
        });
      }
    }
    return found;
  }

  /** A reader beside the writer sees what was appended and is durable, and nothing else. */
  readBeside(): void {
    const reader = openEmbeddedLogReader(directory, this.world.disk).partition(this.#partition);
    const durable = this.appended
      .filter(({ stream, offset }) => offset < this.partition.durableEnd(stream))
      .map(describe);
    for (const record of this.#readAll((...call) => reader.read(...call))) {
      assert.ok(durable.includes(record), `${record.slice(0, 40)} is not durable`);
    }
    for (const stream of ['commands', 'events'] as const) {
      const from = this.partition.start(stream);
      const below = this.partition.durableEnd(stream);
      let next = from;
      while (next < below) next = reader.read(stream, next, 4096, () => {}, below);
    }
  }

  retain(): void {
    const { partition } = this;
    const from = (stream: Stream) =>
      partition.start(stream) +
      this.#chance(partition.durableEnd(stream) - partition.start(stream) + 1);
    partition.retainFrom(from('commands'), from('events'));
  }

  close(): void {
    let closed = false;
    this.log!.close(() => {
      closed = true;
    });
    this.world.until(() => closed);
    this.log = undefined;
  }

  step(): void {
    const choice = this.#chance(100);
    if (choice < 50) this.append();
    else if (choice < 90) this.world.step();
    else if (choice < 92) this.readBeside();
    else if (choice < 94) this.retain();
    else if (choice < 95) this.world.disk.failNextSync = true;
    else if (choice < 96) this.world.disk.fullAfterBytes = this.#chance(5000);
    else if (choice < 98) this.cutPowerIn(this.#chance(10));
    else {
      this.close();
      this.world.disk.fullAfterBytes = Number.POSITIVE_INFINITY;
      this.world.disk.failNextSync = false;
      this.open();
      this.compare();
    }
  }
}

function describe({ stream, offset, bytes }: Appended): string {
  return `${stream} ${offset} ${Buffer.from(bytes).toString('base64')}`;
}

function run(seed: number): Scenario {
  const scenario = new Scenario(seed);
  scenario.recover();
  for (let step = 0; step < stepsPerSeed; step++) {
    try {
      scenario.step();
    } catch (error) {
      const stopped = (error as CodedError).id === 'veltrix-log-closed';
      if (!stopped && !(error instanceof PowerCut)) throw error;
      // A partition that failed, or power that did: either way the process starts anew.
      if (stopped) scenario.appended.pop();
      scenario.world.disk.failNextSync = false;
      scenario.recover();
    }
  }
  scenario.world.disk.failNextSync = false;
  scenario.recover();
  return scenario;
}

/** Where the frames of a segment start, and where the last one ends. */
function frameBounds(world: SteppedWorld, path: string): number[] {
  const file = world.disk.open(path);
  const bytes = Buffer.alloc(Math.max(file.size(), segmentHeaderBytes) + frameHeaderBytes);
  file.read(0, bytes);
  const bounds = [segmentHeaderBytes];
  for (let at = segmentHeaderBytes; bytes.readUInt32LE(at) === frameMagic; ) {
    at += bytes.readUInt32LE(at + 8);
    bounds.push(at);
  }
  return bounds;
}

/**
 * Flips one bit of what a clean stop left behind, then opens and reads everything. Every byte of every
 * segment is covered: header, frames, and the seal at the end vouches for all before it.
 */
function damage(seed: number): void {
  const scenario = run(seed);
  const { disk, random } = scenario.world;
  scenario.close();
  const directoryOf = random.pick(disk.list(directory).filter((name) => name.startsWith('p-')));
  const partition = Number(directoryOf.slice(2));
  const used = disk
    .list(`${directory}/${directoryOf}`)
    .map((name) => `${directory}/${directoryOf}/${name}`)
    .filter((path) => frameBounds(scenario.world, path).length > 1);
  const path = random.pick(used);
  // The seal itself is the one frame that none behind it vouches for.
  const end = frameBounds(scenario.world, path).at(path === used.at(-1) ? -2 : -1)!;
  const inHeader = random.chance(0.1) || end === segmentHeaderBytes;
  const position = inHeader
    ? random.between(0, segmentHeaderBytes - 1)
    : random.between(segmentHeaderBytes, end - 1);
  disk.flipBit(path, position, random.between(0, 7));
  const expected = new Map(scenario.appended.map((entry) => [placeOf(entry), describe(entry)]));
  assert.throws(
    () => {
      scenario.open();
      const damaged = scenario.log!.partition(partition);
      for (const stream of ['commands', 'events'] as const) {
        for (let next = damaged.start(stream); next < damaged.durableEnd(stream); ) {
          next = damaged.read(stream, next, 4096, (offset, bytes) => {
            const entry = { stream, offset, bytes };
            if (partition !== scenario.partition.partition) return;
            assert.equal(describe(entry), expected.get(placeOf(entry)), 'nothing wrong is served');
          });
        }
      }
    },
    (error) => {
      const { id, details } = error as CodedError;
      return id === 'veltrix-log-damaged' && details['file'] === path;
    },
    `byte ${position} of ${path}`,
  );
}

function placeOf({ stream, offset }: Appended): string {
  return `${stream} ${offset}`;
}

function forEachSeed(count: number, body: (seed: number) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      body(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

suite('the embedded log', () => {
  test('keeps what was acknowledged, in order, and invents nothing', () => {
    forEachSeed(seeds, (seed) => run(seed));
  });

  test('reports a flipped bit below the durable end, and serves nothing wrong', () => {
    forEachSeed(seeds, damage);
  });
});

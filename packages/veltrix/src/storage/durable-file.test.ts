import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Disk } from './disk.ts';
import {
  isDraftOf,
  makeFileOnce,
  removeDrafts,
  renameDurably,
  syncFile,
  writeFileDurably,
} from './durable-file.ts';
import { NodeDisk } from './node-disk.ts';
import type { DiskOperation } from './simulated-disk.ts';
import { SteppedWorld } from './stepped-world.ts';

/*
 * Method: the simulated disk tells of every step before it happens. There the power fails, the system refuses, or
 * another writer does all of its work.
 */
const seeds = 40;
const path = '/data/file';
const [before, after, others] = ['before', 'after, and longer', "the other's"];

interface Way {
  readonly run: (disk: Disk, path: string, content: Uint8Array) => unknown;
  readonly steps: readonly DiskOperation[];
}

const ways = {
  write: { run: writeFileDurably, steps: ['open', 'write', 'sync', 'rename', 'sync-directory'] },
  once: { run: makeFileOnce, steps: ['open', 'write', 'sync', 'link', 'remove', 'sync-directory'] },
} satisfies Record<string, Way>;

class PowerCut extends Error {}

function worldWith(content: string | undefined, seed = 1): SteppedWorld {
  const world = new SteppedWorld(seed);
  world.disk.makeDirectory('/data');
  world.disk.syncDirectory('/');
  if (content !== undefined) writeFileDurably(world.disk, path, Buffer.from(content));
  return world;
}

function contentOf(disk: Disk): string | undefined {
  if (!disk.list('/data').includes('file')) return undefined;
  const file = disk.open(path);
  const bytes = new Uint8Array(file.size());
  file.read(0, bytes);
  file.close();
  return Buffer.from(bytes).toString();
}

function run({ run }: Way, { disk }: SteppedWorld, content: string): unknown {
  return run(disk, path, Buffer.from(content));
}

/** Calls `then` before the step of that number, and before no other. */
function atStep(
  { disk }: SteppedWorld,
  number: number,
  then: (operation: DiskOperation) => void,
): void {
  let step = 0;
  disk.beforeOperation = (operation) => {
    if (step++ !== number) return;
    disk.beforeOperation = undefined;
    then(operation);
  };
}

/** From here on nothing that the process tries reaches the disk. */
function cutPower({ disk }: SteppedWorld): never {
  disk.beforeOperation = () => {
    throw new PowerCut();
  };
  throw new PowerCut();
}

/** Whether the file has got its name before the step of that number. */
function hasName(steps: readonly DiskOperation[], number: number): boolean {
  return steps.slice(0, number).some((step) => step === 'rename' || step === 'link');
}

for (const [name, way] of Object.entries<Way>(ways)) {
  const { steps } = way;

  suite(`a file that is made or replaced durably: ${name}`, () => {
    test('content is durable before it has its name, and its name before the call returns', () => {
      const world = worldWith(undefined);
      const seen: string[] = [];
      world.disk.beforeOperation = (operation) => seen.push(operation);
      run(way, world, after);
      assert.deepEqual(seen, steps);
    });

    test('whenever the power fails it is there as it was or as it is to be, and no other once all was done', () => {
      const old = way === ways.write ? before : undefined;
      const found = new Set<string | undefined>();
      for (const number of [...steps.keys(), steps.length]) {
        for (let seed = 0; seed < seeds; seed++) {
          const world = worldWith(old, seed);
          atStep(world, number, () => cutPower(world));
          if (number < steps.length) assert.throws(() => run(way, world, after), PowerCut);
          else run(way, world, after);
          world.disk.beforeOperation = undefined;
          world.crash();
          const content = contentOf(world.disk);
          found.add(content);
          assert.ok(content === after || (content === old && number < steps.length), content);
          run(way, world, others);
          assert.deepEqual(world.disk.list('/data'), ['file'], 'no draft is left over');
        }
      }
      assert.deepEqual(found, new Set([old, after]));
    });

    test('where the system refuses a step it stands as it was, without a draft', () => {
      const refused = Object.assign(new Error('no'), { code: 'EIO', syscall: 'any' });
      for (const [number, step] of steps.entries()) {
        const world = worldWith(way === ways.write ? before : undefined);
        const old = contentOf(world.disk);
        atStep(world, number, () => {
          throw refused;
        });
        // A draft that is not removed harms nobody.
        if (step === 'remove') run(way, world, after);
        else assert.throws(() => run(way, world, after), refused);
        assert.equal(contentOf(world.disk), hasName(steps, number) ? after : old, step);
        if (step !== 'remove') {
          assert.deepEqual(world.disk.list('/data'), contentOf(world.disk) ? ['file'] : []);
        }
      }
    });

    test('of two writers at once both come to their end, and one file is whole', () => {
      for (const [number, step] of steps.entries()) {
        const world = worldWith(undefined);
        const ours: unknown[] = [];
        atStep(world, number, () => ours.push(run(way, world, others)));
        ours.push(run(way, world, after));
        const isFirst = steps.indexOf('link') < number;
        if (way === ways.once) {
          assert.deepEqual(ours, isFirst ? [false, true] : [true, false], step);
          assert.equal(contentOf(world.disk), isFirst ? after : others, step);
        } else {
          assert.equal(contentOf(world.disk), step === 'sync-directory' ? others : after, step);
        }
        assert.deepEqual(world.disk.list('/data'), ['file']);
      }
    });

    test('one that stands still in the middle leaves another whole and durable', () => {
      for (const [number, step] of steps.entries()) {
        for (const [stillAt, still] of steps.entries()) {
          const world = worldWith(undefined, number + stillAt);
          atStep(world, number, () => {
            atStep(world, stillAt, () => cutPower(world));
            assert.throws(() => run(way, world, others), PowerCut);
            world.disk.beforeOperation = undefined;
          });
          run(way, world, after);
          world.crash();
          const whole = hasName(steps, stillAt) ? [after, others] : [after];
          assert.ok(whole.includes(contentOf(world.disk) ?? ''), `${step}, ${still}`);
        }
      }
    });

    test('in a directory that may be written and not read nothing is made', () => {
      const { disk } = worldWith(undefined);
      const seen: string[] = [];
      disk.beforeOperation = (operation) => seen.push(operation);
      const refused = Object.assign(new Error('no'), { code: 'EACCES', syscall: 'scandir' });
      disk.list = () => {
        throw refused;
      };
      assert.throws(() => way.run(disk, path, Buffer.from(after)), refused);
      assert.deepEqual(seen, []);
    });

    test('a directory that is not there is said so, at once', () => {
      const { disk } = new SteppedWorld(1);
      const seen: string[] = [];
      disk.beforeOperation = (operation) => seen.push(operation);
      const content = Buffer.from(after);
      assert.throws(() => way.run(disk, '/no/file', content), { code: 'ENOENT' });
      assert.deepEqual(seen, ['open', 'remove']);
    });
  });
}

test('who finds a file that another made finds it durable', () => {
  for (let seed = 0; seed < seeds; seed++) {
    const world = worldWith(undefined, seed);
    atStep(world, ways.once.steps.indexOf('remove'), () => {
      // The first has given it its name, and stands still.
      assert.equal(run(ways.once, world, others), false);
      cutPower(world);
    });
    assert.throws(() => run(ways.once, world, after), PowerCut);
    world.disk.beforeOperation = undefined;
    world.crash();
    assert.equal(contentOf(world.disk), after);
  }
});

test('who loses many drafts to steady writers still comes to its end', () => {
  const { disk } = worldWith(before);
  let drafts = 0;
  disk.beforeOperation = (operation) => {
    if (operation !== 'rename') return;
    drafts += 1;
    if (drafts < 60) removeDrafts(disk, path);
  };
  writeFileDurably(disk, path, Buffer.from(after));
  disk.beforeOperation = undefined;
  assert.deepEqual([contentOf(disk), disk.list('/data')], [after, ['file']]);
});

test('drafts that others take for left over, each time, are given up at last', () => {
  const { disk } = worldWith(before);
  let drafts = 0;
  disk.beforeOperation = (operation) => {
    if (operation !== 'rename') return;
    drafts += 1;
    removeDrafts(disk, path);
  };
  assert.throws(() => writeFileDurably(disk, path, Buffer.from(after)), { code: 'ENOENT' });
  disk.beforeOperation = undefined;
  assert.equal(drafts, 64);
  assert.deepEqual([contentOf(disk), disk.list('/data')], [before, ['file']]);
});

test('only drafts of the very file are removed', () => {
  const [draft, named] = [`.${'0f'.repeat(8)}.tmp`, `.12-${'0f'.repeat(8)}.tmp`];
  const { disk } = worldWith(before);
  const others = [`file.other${draft}`, `other${named}`, `file${draft}.old`, `file.x-${named}`];
  const kept = ['file', 'file.tmp', ...others];
  for (const name of [...kept, `file${draft}`, `file${named}`]) {
    assert.equal(isDraftOf(name, 'file'), !kept.includes(name), name);
    disk.open(`/data/${name}`, { create: true }).close();
  }
  removeDrafts(disk, path);
  assert.deepEqual(disk.list('/data'), kept.sort());
});

/** Writes a file, and stands still before it gets its name. */
const standsStill = `
  const [durableFile, nodeDisk, path] = process.argv.slice(1);
  const { writeFileDurably } = await import(durableFile);
  const disk = new (await import(nodeDisk)).NodeDisk();
  disk.rename = () => {
    process.send('drafted');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  writeFileDurably(disk, path, Buffer.from('never'));
`;

test('a draft is left to its writer as long as that lives', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'durable-file-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const [disk, real] = [new NodeDisk(), join(directory, 'real')];
  const sources = ['./durable-file.ts', './node-disk.ts'].map((file) => import.meta.resolve(file));
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', standsStill, ...sources, real],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'message');
  const drafts = () => readdirSync(directory).filter((name) => isDraftOf(name, 'real'));
  const [draft] = drafts();
  writeFileDurably(disk, real, Buffer.from(after));
  assert.equal(makeFileOnce(disk, real, Buffer.from(others)), false);
  assert.deepEqual(drafts(), [draft]);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  assert.deepEqual(drafts(), [draft]);
  writeFileDurably(disk, real, Buffer.from(after));
  assert.deepEqual(readdirSync(directory), ['real']);
});

test('a draft that does not say whose it is goes with the next write, at a start those of all do', () => {
  const { disk } = worldWith(before);
  const random = '0f'.repeat(8);
  const ofLiving = `file.${process.ppid}-${random}.tmp`;
  for (const name of [ofLiving, `file.${random}.tmp`]) {
    disk.open(`/data/${name}`, { create: true }).close();
  }
  writeFileDurably(disk, path, Buffer.from(after));
  assert.deepEqual(disk.list('/data'), ['file', ofLiving]);
  removeDrafts(disk, path);
  assert.deepEqual(disk.list('/data'), ['file']);
});

test('what somebody else wrote is durable once it was synced and renamed so', () => {
  for (let seed = 0; seed < seeds; seed++) {
    const world = worldWith(before, seed);
    const file = world.disk.open('/data/made', { create: true });
    file.write(0, Buffer.from(after));
    file.close();
    syncFile(world.disk, '/data/made');
    renameDurably(world.disk, '/data/made', path);
    world.crash();
    assert.deepEqual([contentOf(world.disk), world.disk.list('/data')], [after, ['file']]);
  }
});

test('on a real disk a file is for its owner alone, also where it was for all, and may be empty', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'durable-file-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const [disk, real] = [new NodeDisk(), join(directory, 'real')];
  writeFileSync(real, before, { mode: 0o644 });
  assert.equal(makeFileOnce(disk, real, Buffer.from(others)), false);
  assert.equal(readFileSync(real, 'utf8'), before);
  writeFileDurably(disk, real, Buffer.from(after));
  assert.equal(readFileSync(real, 'utf8'), after);
  assert.equal(makeFileOnce(disk, join(directory, 'empty'), new Uint8Array(0)), true);
  for (const name of ['empty', 'real']) {
    assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600);
  }
  assert.deepEqual(readdirSync(directory), ['empty', 'real']);
});

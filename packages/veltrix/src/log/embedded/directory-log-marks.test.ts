import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { NodeDisk } from '../../storage/node-disk.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import type { LogMark } from '../log-mark.ts';
import { testLogMarksContract } from '../log-marks.contract.ts';
import { directoryLogMarks, isUnmarkedAndEmpty, readDirectoryMark } from './directory-log-marks.ts';

const mark: LogMark = {
  ...{ state: 'filling', logId: 'ab'.repeat(16) },
  other: { logId: 'cd'.repeat(16), place: 'elsewhere' },
};

const root = mkdtempSync(path.join(tmpdir(), 'veltrix-marks-'));
after(() => rmSync(root, { recursive: true, force: true }));

testLogMarksContract('a directory', async (place) => {
  const directory = path.join(root, place);
  mkdirSync(directory, { recursive: true });
  return { marks: directoryLogMarks(new NodeDisk(), directory), close: () => {} };
});

test('a mark is one file, and a directory that is not there has none', () => {
  assert.deepEqual(readdirSync(path.join(root, 'one')), ['migration.json']);
  assert.equal(readDirectoryMark(new NodeDisk(), path.join(root, 'nowhere')), undefined);
});

test('drafts of a mark, of this build and earlier ones, leave a directory unmarked and empty', async () => {
  const { disk } = new SteppedWorld(1);
  disk.makeDirectory('/data');
  const holds = (name: string) => disk.open(`/data/${name}`, { create: true }).close();
  assert.ok(isUnmarkedAndEmpty(disk, '/nowhere') && isUnmarkedAndEmpty(disk, '/data'));
  const random = '0f'.repeat(8);
  for (const end of ['', `.${random}`, `.12-${random}`]) holds(`migration.json${end}.tmp`);
  assert.ok(isUnmarkedAndEmpty(disk, '/data'));
  assert.equal(readDirectoryMark(disk, '/data'), undefined);
  for (const other of ['migration.json', 'secret.tmp', 'migration.json.tmp.tmp']) {
    holds(other);
    assert.ok(!isUnmarkedAndEmpty(disk, '/data'), other);
    disk.remove(`/data/${other}`);
  }
  await directoryLogMarks(disk, '/data').write(mark);
  assert.ok(!disk.list('/data').includes('migration.json.tmp'), 'it is removed with the next mark');
});

test('after the power fails, a mark that was written is there', async () => {
  const world = new SteppedWorld(1);
  world.disk.makeDirectory('/data');
  world.disk.syncDirectory('/');
  const marks = directoryLogMarks(world.disk, '/data');
  for (const state of ['filling', 'open', 'moved'] as const) {
    await marks.write({ ...mark, state });
    world.crash();
    assert.equal((await marks.read())?.state, state);
  }
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { testDiskContract } from './disk.contract.ts';
import { NodeDisk } from './node-disk.ts';

function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'node-disk-'));
}

testDiskContract('the real file system', () => {
  const directory = newDirectory();
  return {
    disk: new NodeDisk(),
    directory,
    until: async (condition) => {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    },
    dispose: () => rmSync(directory, { recursive: true }),
  };
});

test('a lock that nobody refers to is held all the same, and gone once the process is killed', async () => {
  const directory = newDirectory();
  const path = join(directory, 'lock');
  const holder = `
    import { NodeDisk } from ${JSON.stringify(new URL('node-disk.ts', import.meta.url).href)};
    new NodeDisk().lock(${JSON.stringify(path)});
    globalThis.gc();
    console.log('locked');
    setInterval(() => {}, 60_000);
  `;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', holder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(child.stdout, 'data');
    assert.equal(new NodeDisk().lock(path), undefined);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const lock = new NodeDisk().lock(path);
  assert.ok(lock);
  lock.release();
  rmSync(directory, { recursive: true });
});

test('a sync is short after a small write to a disk whose last syncs were quick', async (t) => {
  const directory = newDirectory();
  let syncMs = 0;
  const now = () => performance.now();
  t.mock.method(fs, 'fdatasyncSync', () => {
    for (const until = now() + syncMs; now() < until; );
  });
  t.mock.method(fs, 'fdatasync', (_file: number, done: () => void) => setImmediate(done));
  t.after(() => {
    t.mock.restoreAll();
    rmSync(directory, { recursive: true });
  });
  const file = new NodeDisk().open(join(directory, 'a'), { create: true });
  file.write(0, new Uint8Array(1_000));
  assert.equal(file.syncIfShort(), true);
  file.write(0, new Uint8Array(100_000));
  assert.equal(file.syncIfShort(), false, 'so much takes long');
  file.sync();
  syncMs = 50;
  assert.equal(file.syncIfShort(), true);
  assert.equal(file.syncIfShort(), false, 'the last one was slow');
  syncMs = 0;
  for (let count = 0; count < 100; count++) {
    await new Promise<void>((resolve) => file.sync(() => resolve()));
  }
  assert.equal(file.syncIfShort(), true, 'it is quick again');
  file.close();
});

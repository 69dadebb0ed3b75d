import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDirectoryDurably } from './make-directory.ts';
import { SteppedWorld } from './stepped-world.ts';

test('a directory and those above it are there after a crash', () => {
  for (let seed = 0; seed < 40; seed++) {
    const { disk } = new SteppedWorld(seed);
    disk.makeDirectory('/there');
    disk.syncDirectory('/');
    makeDirectoryDurably(disk, '/there/one/two');
    disk.crash();
    assert.deepEqual(disk.list('/there/one'), ['two']);
  }
});

test('one may make a directory in one whose neighbours one may not see', () => {
  const { disk } = new SteppedWorld(1);
  disk.makeDirectory('/homes/somebody');
  const list = disk.list.bind(disk);
  disk.list = (directory) => {
    if (directory !== '/homes') return list(directory);
    throw Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'scandir' });
  };
  makeDirectoryDurably(disk, '/homes/somebody/one/two');
  assert.deepEqual(disk.list('/homes/somebody/one'), ['two']);
});

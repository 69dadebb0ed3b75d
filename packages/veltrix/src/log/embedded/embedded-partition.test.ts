import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outOfSpace } from '../../simulator/watched-disk.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import type { Log } from '../log.ts';
import { openEmbeddedLog } from './embedded-log.ts';

function openLog({ disk, clock }: SteppedWorld, partitionCount = 1): Log {
  return openEmbeddedLog({
    ...{ directory: '/log', disk, clock, partitionCount, dedupeWindow: 1024 },
    ...{ segmentBytes: 8192, recordMaxBytes: 3000, frameBytes: 200 },
    newLogId: () => '0123456789abcdef0123456789abcdef',
  });
}

/** What was heard of, in order: durable, or the id of the error. */
function hearing() {
  const heard: string[] = [];
  const listen = (what: string) => (error?: Error) => {
    heard.push(`${what}: ${error === undefined ? 'durable' : (error as { id?: string }).id}`);
  };
  return { heard, listen };
}

test('where the next segment cannot be made, what is durable is heard of before what is not', () => {
  // Each seed has other syncs that are short.
  for (let seed = 1; seed <= 8; seed++) {
    const world = new SteppedWorld(seed);
    const { disk } = world;
    disk.beforeOperation = (_operation, path) => {
      if (path.endsWith('1.seg')) throw outOfSpace('open', path);
    };
    const partition = openLog(world).partition(0);
    const { heard, listen } = hearing();
    partition.onFailure(listen('partition'));
    for (const name of ['first', 'second', 'third']) {
      partition.append('events', new Uint8Array(3000), listen(name));
    }
    world.until(() => heard.length === 4);
    assert.deepEqual(heard, [
      'first: durable',
      ...['second', 'third', 'partition'].map((name) => `${name}: veltrix-log-io-failed`),
    ]);
    assert.throws(() => partition.append('events', new Uint8Array(1)), {
      id: 'veltrix-log-closed',
    });
    assert.equal(partition.durableEnd('events'), 2);
  }
});

test('where who hears of a record closes the partition and that fails at once, all that is durable is heard of first', () => {
  const world = new SteppedWorld(1);
  const log = openLog(world);
  const partition = log.partition(0);
  const { heard, listen } = hearing();
  partition.onFailure(listen('partition'));
  partition.append('events', new Uint8Array(40), () => {
    listen('first')();
    world.disk.beforeOperation = (operation, path) => {
      throw outOfSpace(operation, path);
    };
    log.close(listen('closed'));
    listen('asked to close')();
  });
  // In the same frame, and in others.
  for (const name of ['second', 'third', 'fourth', 'fifth']) {
    partition.append('events', new Uint8Array(40), listen(name));
  }
  world.until(() => heard.length === 8);
  assert.deepEqual(heard, [
    ...['first', 'asked to close', 'second', 'third', 'fourth', 'fifth'].map(
      (name) => `${name}: durable`,
    ),
    ...['partition', 'closed'].map((name) => `${name}: veltrix-log-io-failed`),
  ]);
});

test('who throws when it hears of a record keeps nobody from hearing of later ones', () => {
  const world = new SteppedWorld(1);
  const partition = openLog(world).partition(0);
  const { heard, listen } = hearing();
  partition.append('events', new Uint8Array(1), () => {
    throw new Error('a mistake of the caller');
  });
  partition.append('events', new Uint8Array(1), listen('in the same frame'));
  const later = () => heard.length === 2;
  assert.throws(() => world.until(later), { message: 'a mistake of the caller' });
  assert.deepEqual(heard, ['in the same frame: durable']);
  partition.append('events', new Uint8Array(1), listen('later'));
  world.until(later);
  assert.deepEqual(heard.slice(1), ['later: durable']);
});

const mistake = 'a mistake of the caller';

/** As `listen`, and throws then. */
function throwing(heard: (error?: Error) => void) {
  return (error?: Error) => {
    heard(error);
    throw new Error(mistake);
  };
}

test('who throws when it hears of an error keeps nobody from hearing of it, nor the log from being closed', () => {
  const world = new SteppedWorld(1);
  const log = openLog(world, 2);
  const partition = log.partition(0);
  const { heard, listen } = hearing();
  partition.onFailure(throwing(listen('partition')));
  partition.onFailure(listen('who else asked'));
  partition.append('events', new Uint8Array(40), throwing(listen('first')));
  for (const name of ['second', 'third', 'fourth', 'fifth']) {
    partition.append('events', new Uint8Array(40), listen(name));
  }
  world.disk.beforeOperation = (operation, path) => {
    if (operation === 'write') throw outOfSpace(operation, path);
  };
  // What is gathered is written at once then.
  assert.throws(() => log.close(throwing(listen('closed'))), { message: mistake });
  log.close(listen('closed again'));
  const all = () => heard.length === 9;
  assert.throws(() => world.until(all), { message: mistake });
  const names = ['first', 'second', 'third', 'fourth', 'fifth', 'partition', 'who else asked'];
  assert.deepEqual(
    heard,
    [...names, 'closed', 'closed again'].map((name) => `${name}: veltrix-log-io-failed`),
  );
});

test('who throws when it hears of a record keeps nobody from hearing that the next ones failed', () => {
  const world = new SteppedWorld(1);
  world.disk.beforeOperation = (_operation, path) => {
    if (path.endsWith('1.seg')) throw outOfSpace('open', path);
  };
  const partition = openLog(world).partition(0);
  const { heard, listen } = hearing();
  partition.onFailure(listen('partition'));
  partition.append('events', new Uint8Array(3000), throwing(listen('first')));
  partition.append('events', new Uint8Array(3000), listen('second'));
  const all = () => heard.length === 3;
  assert.throws(() => world.until(all), { message: mistake });
  world.until(all);
  assert.deepEqual(heard, [
    'first: durable',
    ...['second', 'partition'].map((name) => `${name}: veltrix-log-io-failed`),
  ]);
});

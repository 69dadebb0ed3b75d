import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outOfSpace } from '../../simulator/watched-disk.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import { openEmbeddedLog } from './embedded-log.ts';

test('where the next segment cannot be made, what is durable is heard of before what is not', () => {
  // Each seed has other syncs that are short.
  for (let seed = 1; seed <= 8; seed++) {
    const world = new SteppedWorld(seed);
    const { disk, clock } = world;
    disk.beforeOperation = (_operation, path) => {
      if (path.endsWith('1.seg')) throw outOfSpace('open', path);
    };
    const log = openEmbeddedLog({
      ...{ directory: '/log', disk, clock, partitionCount: 1, dedupeWindow: 1024 },
      ...{ segmentBytes: 8192, recordMaxBytes: 3000 },
      newLogId: () => '0123456789abcdef0123456789abcdef',
    });
    const partition = log.partition(0);
    const heard: string[] = [];
    const listen = (what: string) => (error?: Error) => {
      heard.push(`${what}: ${error === undefined ? 'durable' : (error as { id?: string }).id}`);
    };
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

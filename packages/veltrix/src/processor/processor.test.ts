import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openEmbeddedStateStore } from '../checkpoint/embedded-state-store.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { CommandRecordBuilder } from '../records/command-record.ts';
import {
  accountsApplication,
  accountsCommand,
  accountsPayloadBytes,
  fill,
} from '../simulator/accounts/accounts-application.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import { outOfSpace } from '../simulator/watched-disk.ts';
import { SimulatedDisk } from '../storage/simulated-disk.ts';
import { Processor } from './processor.ts';

function setUp() {
  const queue = new EventQueue();
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const random = new SeededRandom(1);
  const disk = new SimulatedDisk({ random, schedule: (task) => void queue.schedule(5, task) });
  const log = openEmbeddedLog({
    ...{ directory: '/log', disk, clock, partitionCount: 1, dedupeWindow: 16 },
    newLogId: () => 'a'.repeat(32),
  });
  const published: number[] = [];
  const stopped: Error[] = [];
  const processor = new Processor({
    ...{ identity: log.identity, log: log.partition(0), clock, application: accountsApplication },
    store: openEmbeddedStateStore({ disk, directory: '/checkpoints', fullEvery: 4 }),
    transport: { deliver: () => {} },
    publish: (offset) => published.push(offset),
    onStopped: (error) => stopped.push(error),
    onCheckpointDamage: () => {},
    ...{ epoch: 0, tableMaxRows: 100, checkpointEveryDecisions: 100, resendDelayMs: 100 },
  });
  const runAll = () => {
    while (queue.step());
  };
  return { disk, log: log.partition(0), processor, published, stopped, runAll };
}

function deposit(id: number): Uint8Array {
  const builder = new CommandRecordBuilder(1024);
  const start = builder.add(accountsCommand.deposit, 0, 1_000, accountsPayloadBytes);
  fill(builder.buffer.view, start, [1, 10, 1, 2]);
  builder.buffer.view.setUint32(CommandRecordBuilder.idStart(start), id, true);
  return builder.finish(1, 1, 0).slice();
}

describe('processor', () => {
  test('refuses a record that cannot be read before it is in the log, and goes on', () => {
    const { log, processor, published, stopped, runAll } = setUp();
    processor.submit(deposit(1));
    const newer = deposit(2);
    newer[0] = 9;
    const oversized = deposit(2);
    new DataView(oversized.buffer).setUint32(24, 4096, true);
    const refused = [
      [new Uint8Array(8), 'only 8 bytes'],
      [newer, 'format version 9'],
      [oversized, 'the last command is cut short'],
      [deposit(2).subarray(0, 48), 'command 0 is cut short'],
    ] as const;
    for (const [record, reason] of refused) {
      assert.throws(() => processor.submit(record), {
        id: 'veltrix-record-invalid',
        details: { stream: 'commands', offset: 2, reason },
      });
      assert.equal(log.end('commands'), 2);
    }
    processor.submit(deposit(2));
    runAll();
    assert.deepEqual([published, stopped], [[1, 2], []]);
    processor.close();
  });

  test('says when all of its state is durable, and that it never will be where a write fails', () => {
    const { disk, processor, published, stopped, runAll } = setUp();
    const told: string[] = [];
    const ask = (name: string) => {
      processor.whenDurable((isDurable) => {
        told.push(`${name} ${isDurable} with ${published.length} published`);
      });
    };
    runAll();
    ask('untouched');
    processor.submit(deposit(1));
    ask('one');
    processor.submit(deposit(2));
    ask('two');
    const forget = processor.whenDurable(() => told.push('forgotten'));
    assert.ok(forget);
    forget();
    assert.deepEqual(told.splice(0), ['untouched true with 0 published']);
    runAll();
    assert.deepEqual(told.splice(0), ['one true with 1 published', 'two true with 2 published']);
    processor.submit(deposit(3));
    ask('three');
    disk.beforeOperation = (operation, path) => {
      if (operation === 'write') throw outOfSpace(operation, path);
    };
    runAll();
    assert.equal(stopped.length, 1);
    ask('afterwards');
    assert.deepEqual(told, ['three false with 2 published', 'afterwards false with 2 published']);
  });
});

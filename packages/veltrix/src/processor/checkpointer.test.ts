import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CheckpointHeader, CheckpointPage, StateStore } from '../checkpoint/state-store.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import { StateSpace } from '../state/state-space.ts';
import { SimulatedDisk } from '../storage/simulated-disk.ts';
import { Checkpointer } from './checkpointer.ts';

/** A store that keeps in memory what it is given, to see in which order things happen. */
class WatchedStore implements StateStore {
  readonly log: string[] = [];
  readonly pages: CheckpointPage[] = [];
  header: CheckpointHeader | undefined;
  failure: { at: 'begin' | 'page' | 'commit'; error: Error } | undefined;

  next(): 'full' | 'increment' {
    return 'increment';
  }

  begin(header: CheckpointHeader) {
    this.header = header;
    this.#step('begin');
    return {
      page: (page: CheckpointPage) => {
        this.#step('page');
        this.pages.push({ ...page, bytes: page.bytes.slice() });
      },
      commit: (done: (error?: Error) => void) => {
        this.log.push('commit');
        if (this.failure?.at === 'commit') done(this.failure.error);
        else done();
      },
      abort: () => void this.log.push('abort'),
    };
  }

  #step(what: 'begin' | 'page'): void {
    if (this.failure?.at === what) throw this.failure.error;
    this.log.push(what);
  }

  load(): undefined {}

  oldestEventOffset(): number {
    return 0;
  }

  close(): void {}
}

function setUp() {
  const queue = new EventQueue();
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const random = new SeededRandom(1);
  const disk = new SimulatedDisk({ random, schedule: (task) => void queue.schedule(5, task) });
  const log = openEmbeddedLog({
    ...{ directory: '/log', disk, clock, partitionCount: 1, dedupeWindow: 16 },
    newLogId: () => 'a'.repeat(32),
    segmentBytes: 1 << 20,
    recordMaxBytes: 1_024,
  });
  const space = new StateSpace(100);
  const table = space.table('things', 8_192);
  for (let row = 0; row < 6; row++) table.write(table.add()).words[table.at(row)] = row;
  const store = new WatchedStore();
  const done: (Error | undefined)[] = [];
  const checkpointer = new Checkpointer({
    ...{ space, store, log: log.partition(0), identity: log.identity, layout: 'test', clock },
    pagesPerTurn: 1,
    onDone: (error) => done.push(error),
  });
  log.partition(0).follow('events', 'durable', (offset) => checkpointer.durable(offset));
  const runAll = () => {
    while (queue.step());
  };
  return { queue, log: log.partition(0), table, store, done, checkpointer, runAll };
}

describe('the checkpointer', () => {
  test('fixes the state in one turn and copies it over many', () => {
    const { queue, log, table, store, done, checkpointer, runAll } = setUp();
    checkpointer.start();
    assert.deepEqual(store.log, ['begin', 'page']);
    table.write(4).words[table.at(4)] = -1;
    log.append('events', new Uint8Array(8));
    queue.step();
    runAll();
    assert.deepEqual(store.log, ['begin', 'page', 'page', 'page', 'commit']);
    assert.deepEqual(done, [undefined]);
    assert.equal(store.header?.eventOffset, 1);
    const last = store.pages.find(({ page }) => page === 2)!;
    assert.equal(new DataView(last.bytes.buffer).getInt32(0, true), 4);
  });

  test('commits only when every event in it is durable', () => {
    const { queue, log, store, checkpointer, runAll } = setUp();
    log.append('events', new Uint8Array(8));
    checkpointer.start();
    while (store.pages.length < 3) queue.step();
    assert.deepEqual([store.log.at(-1), log.durableEnd('events')], ['page', 1]);
    runAll();
    assert.deepEqual([store.log.at(-1), log.durableEnd('events')], ['commit', 2]);
  });

  for (const at of ['begin', 'page', 'commit'] as const) {
    test(`after a failed ${at} everything counts as changed again`, () => {
      const { store, done, table, checkpointer, runAll } = setUp();
      store.failure = { at, error: new Error('no space') };
      checkpointer.start();
      runAll();
      assert.deepEqual([done, checkpointer.running], [[store.failure.error], false]);
      assert.deepEqual(table.beginSnapshot(false), [0, 1, 2]);
    });
  }

  test('takes one at a time, and none once it is stopped', () => {
    const { store, done, checkpointer, runAll } = setUp();
    checkpointer.start();
    checkpointer.start();
    checkpointer.stop();
    runAll();
    checkpointer.start();
    assert.deepEqual([store.log, done], [['begin', 'page', 'abort'], []]);
  });
});

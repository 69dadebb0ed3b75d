import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { veltrixErrors } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { writtenDecisions } from '../views/testing/written-decisions.ts';
import { Archiver } from './archiver.ts';
import { SqliteArchive } from './sqlite/sqlite-archive.ts';
import { WatchedArchive } from './testing/watched-archive.ts';

const idOf = (offset: number) => offset.toString(16).padStart(32, '0');
const recordAt = (offset: number) => writtenDecisions([{ commandId: idOf(offset), events: [] }]);
const recordBytes = recordAt(1).length;

/** A log with a record at offsets 1, 3, 5 … and a clock that is moved by hand. A batch has three. */
function world(test: TestContext, partitionCount = 1) {
  const directory = mkdtempSync(join(tmpdir(), 'archiver-'));
  const sqlite = new SqliteArchive(join(directory, 'archive.db'));
  test.after(async () => {
    await sqlite.close();
    rmSync(directory, { recursive: true });
  });
  const archive = new WatchedArchive(sqlite);
  const stopped: string[] = [];
  const tasks: (() => void)[] = [];
  const timers: { delayMs: number; task: () => void }[] = [];
  let failWith: Error | undefined;
  const newArchiver = () =>
    new Archiver({
      archive,
      source: {
        read(_partition, from, maxBytes, visit, below) {
          if (failWith) throw failWith;
          // Records are lent for the call only: the next one overwrites them.
          const lent = new Uint8Array(recordBytes);
          let next = from;
          for (let left = maxBytes; left > 0 && next < below; next += 1) {
            if (next % 2 === 0) continue;
            lent.set(recordAt(next));
            visit(next, lent);
            left -= recordBytes;
          }
          return next;
        },
      },
      partitionCount,
      clock: {
        now: () => 0,
        defer: (task) => tasks.push(task),
        after(delayMs, task) {
          const timer = { delayMs, task };
          timers.push(timer);
          return () => timers.splice(timers.indexOf(timer), 1);
        },
      },
      batchMaxBytes: 3 * recordBytes,
      onStopped: (partition, error) =>
        stopped.push(`${partition}: ${(error as { id?: string }).id}`),
    });
  /** Runs what is deferred until nothing is, letting promises settle in between. */
  const settle = async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      task();
      await new Promise(setImmediate);
    }
  };
  const elapse = async () => {
    const { delayMs, task } = timers.shift()!;
    task();
    await settle();
    return delayMs;
  };
  return {
    archive,
    sqlite,
    stopped,
    timers,
    newArchiver,
    settle,
    elapse,
    fail: (error: Error | undefined) => {
      failWith = error;
    },
  };
}

describe('Archiver', () => {
  it('archives what is durable, in bounded batches, and says how far it is behind', async (test) => {
    const { archive, sqlite, newArchiver, settle } = world(test);
    const archiver = newArchiver();
    archiver.durable(0, 12);
    assert.equal(archiver.lag(), 11);
    await settle();
    assert.deepEqual(archive.appends, ['0: 1 3 5', '0: 7 9 11']);
    assert.equal(archiver.lag(), 0);
    archiver.durable(0, 8);
    archiver.durable(0, 13);
    await settle();
    archiver.durable(0, 14);
    await settle();
    assert.deepEqual(archive.appends.slice(2), ['0: 13']);
    for (const offset of [1, 3, 11, 13]) {
      assert.equal((await sqlite.decision(idOf(offset)))?.offset, offset);
    }
  });

  it('goes on where the archive ends', async (test) => {
    const { archive, newArchiver, settle } = world(test);
    await archive.append(0, [{ offset: 5, bytes: recordAt(5) }]);
    const archiver = newArchiver();
    archiver.durable(0, 8);
    await settle();
    assert.deepEqual(archive.appends, ['0: 5', '0: 7']);
  });

  it('takes turns between partitions', async (test) => {
    const { archive, newArchiver, settle } = world(test, 2);
    const archiver = newArchiver();
    archiver.durable(0, 12);
    archiver.durable(1, 12);
    await settle();
    assert.deepEqual(archive.appends, ['0: 1 3 5', '1: 1 3 5', '0: 7 9 11', '1: 7 9 11']);
  });

  it('tries again, less and less often, while the archive cannot write', async (test) => {
    const { archive, newArchiver, settle, elapse, timers, stopped } = world(test);
    const archiver = newArchiver();
    archive.failWith = engineErrors.create('engine-store-failed', { file: 'f', reason: 'full' });
    archiver.durable(0, 2);
    await settle();
    assert.equal(archiver.failing, true);
    const delays = [];
    for (let tries = 0; tries < 10; tries++) delays.push(await elapse());
    assert.deepEqual(delays.slice(0, 3), [250, 500, 1000]);
    assert.equal(delays.at(-1), 30_000);
    archive.failWith = undefined;
    await elapse();
    assert.deepEqual(archive.appends, ['0: 1']);
    assert.equal(archiver.failing, false);
    assert.equal(timers.length, 0);
    assert.deepEqual(stopped, []);
    archive.failWith = engineErrors.create('engine-store-failed', { file: 'f', reason: 'full' });
    archiver.durable(0, 4);
    await settle();
    assert.equal(await elapse(), 250);
  });

  it('stops a partition whose log cannot be read, and goes on with the others', async (test) => {
    const { archive, newArchiver, settle, fail, stopped } = world(test, 2);
    const archiver = newArchiver();
    const details = { offset: 1, partition: 0, stream: 'events', first: 9 };
    fail(veltrixErrors.create('veltrix-log-offset-gone', details));
    archiver.durable(0, 4);
    await settle();
    fail(undefined);
    archiver.durable(1, 4);
    archiver.durable(0, 6);
    await settle();
    assert.deepEqual(stopped, ['0: veltrix-log-offset-gone']);
    assert.deepEqual(archive.appends, ['1: 1 3']);
    assert.equal(archiver.lag(0), 5);
  });

  it('stops everything at a mistake of ours', async (test) => {
    const { newArchiver, settle, fail, stopped, timers } = world(test, 2);
    fail(new TypeError('oops'));
    newArchiver().durable(0, 4);
    await settle();
    assert.deepEqual(stopped, ['0: undefined', '1: undefined']);
    assert.equal(timers.length, 0);
  });

  it('ends after the batch in work', async (test) => {
    const { archive, newArchiver, settle } = world(test);
    const archiver = newArchiver();
    let ended = 0;
    archiver.durable(0, 100);
    archiver.stop(() => (ended += 1));
    assert.equal(ended, 0);
    await settle();
    assert.equal(ended, 1);
    assert.deepEqual(archive.appends, ['0: 1 3 5']);
    archiver.durable(0, 200);
    await settle();
    assert.equal(archive.appends.length, 1);
    archiver.stop(() => (ended += 1));
    assert.equal(ended, 2);
  });
});

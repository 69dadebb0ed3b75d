import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { eventType } from '@hunt/rules';
import { type Log, NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLog } from 'veltrix/embedded';
import { writtenDecisions } from '../views/testing/written-decisions.ts';
import { ArchiverClient, type ArchiverClientOptions } from './archiver-client.ts';

const hunt = '00000000000000a1';
const team = '00000000000000b1';

/* The archiver's real thread beside a real log that this thread writes. */

function newLog(test: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'archiver-'));
  const log = openEmbeddedLog({
    directory: join(directory, 'log'),
    disk: new NodeDisk(),
    clock: systemClock,
    partitionCount: 2,
    dedupeWindow: 1024,
    newLogId: () => 'ab'.repeat(16),
    segmentBytes: 1 << 20,
    recordMaxBytes: 1 << 16,
  });
  test.after(async () => {
    await new Promise<void>((resolve) => log.close(() => resolve()));
    rmSync(directory, { recursive: true });
  });
  return { directory, log };
}

/** Tells of durable records as the processors do. */
class DecidedFeed {
  readonly partitionCount = 2;
  readonly #log: Log;
  readonly #listeners: ((partition: number, offset: number, record: Uint8Array) => void)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  onDecided(listener: (partition: number, offset: number, record: Uint8Array) => void): void {
    this.#listeners.push(listener);
  }

  get seeds() {
    return [0, 1].map((partition) => ({
      nextOffset: this.#log.partition(partition).durableEnd('events'),
    }));
  }

  decide(partition: number, commandId: string): Promise<number> {
    const events = [{ type: eventType.stepSolved, hunt, team }];
    const record = writtenDecisions([{ commandId, events }]);
    return new Promise((resolve, reject) => {
      const offset = this.#log.partition(partition).append('events', record, (error) => {
        if (error) return reject(error);
        for (const listener of this.#listeners) listener(partition, offset, record);
        resolve(offset);
      });
    });
  }
}

async function startArchiver(options: ArchiverClientOptions): Promise<ArchiverClient> {
  const archiver = new ArchiverClient(options);
  await archiver.start();
  return archiver;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

const idOf = (number: number) => number.toString(16).padStart(32, '0');

describe('the archiver thread', () => {
  it('archives what was durable before it began and what becomes so, and answers', async (test) => {
    const { directory, log } = newLog(test);
    const port = new DecidedFeed(log);
    const before = await port.decide(0, idOf(1));
    let archiver: ArchiverClient = await startArchiver({ directory, port });
    test.after(() => archiver.close());
    await until(async () => (await archiver.decision(idOf(1))) !== undefined);
    const offset = await port.decide(1, idOf(2));
    await until(async () => (await archiver.decision(idOf(2))) !== undefined);
    assert.equal((await archiver.decision(idOf(2)))?.offset, offset);
    const found = await archiver.events({ huntId: hunt, limit: 10 });
    const places = found.map((event) => [event.partition, event.offset]);
    assert.deepEqual(places, [
      [0, before],
      [1, offset],
    ]);
    await until(async () => archiver.lag(0) + archiver.lag(1) === 0);
    await archiver.close();
    await archiver.close();
    await port.decide(0, idOf(3));
    archiver = await startArchiver({ directory, port });
    await until(async () => (await archiver.decision(idOf(3))) !== undefined);
    assert.equal((await archiver.events({ huntId: hunt, teamId: team, limit: 10 })).length, 3);
  });

  it('archives what is decided before its thread starts, which the first question brings about', async (test) => {
    const { directory, log } = newLog(test);
    const port = new DecidedFeed(log);
    const archiver = new ArchiverClient({ directory, port });
    test.after(() => archiver.close());
    await port.decide(1, idOf(1));
    await until(async () => archiver.lagMs(1) > 0);
    await until(async () => (await archiver.decision(idOf(1))) !== undefined);
    await until(async () => archiver.lagMs(1) === 0);
    assert.equal(archiver.lagMs(0), 0);
  });

  it('closes without ever having started', async (test) => {
    const { directory, log } = newLog(test);
    const archiver = new ArchiverClient({ directory, port: new DecidedFeed(log) });
    await archiver.close();
    await assert.rejects(archiver.decision(idOf(1)), { id: 'engine-archive-stopped' });
  });

  it('refuses questions beyond its limit, wrong ones, and all once it is closed', async (test) => {
    const { directory, log } = newLog(test);
    const port = new DecidedFeed(log);
    const archiver = await startArchiver({ directory, port, maxWaitingQueries: () => 2 });
    test.after(() => archiver.close());
    const first = archiver.decision(idOf(1));
    const second = archiver.events({ huntId: 'x', limit: 1 });
    await assert.rejects(archiver.decision(idOf(1)), { id: 'engine-archive-busy' });
    assert.equal(await first, undefined);
    await assert.rejects(second, { id: 'engine-internal' });
    await archiver.close();
    await assert.rejects(archiver.decision(idOf(1)), { id: 'engine-archive-stopped' });
  });

  it('says why it cannot start', async (test) => {
    const { directory, log } = newLog(test);
    writeFileSync(join(directory, 'archive.db'), 'not a database '.repeat(100));
    const starting = startArchiver({ directory, port: new DecidedFeed(log) });
    await assert.rejects(starting, { id: 'engine-store-damaged' });
  });
});

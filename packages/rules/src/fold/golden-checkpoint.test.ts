import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedStateStore } from 'veltrix/embedded';
import { PartitionFold, writeCheckpoint } from 'veltrix/processor';
import { unpackRecords } from '../testing/golden-log.ts';
import { huntApplication } from './hunt-application.ts';

/*
 * Checkpoints of released rules, each taken in the middle of the golden log of the same name. Each must load and
 * fold on to the state of the whole log; or, once the layout of the state has changed on purpose, be passed
 * over as one of another layout, so that the log is folded instead. Then keep the old files and add
 * a new one with the bytes that the last test prints.
 */

const golden = new URL('../../golden/', import.meta.url);
const newest = 'hunt-2';
const suffix = '.checkpoint.gz';
const identity = { logId: '0'.repeat(32), partitionCount: 1, dedupeWindow: 1024 };
const fileName = 'checkpoint-0000000000000000-full';

const read = (name: string) => readFileSync(new URL(name, golden));

function newFold(): PartitionFold {
  const application = huntApplication;
  return new PartitionFold({ application, identity, partition: 0, tableMaxRows: 1 << 20 });
}

function directoryFor(test: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'golden-checkpoint-'));
  test.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const storeIn = (directory: string) =>
  openEmbeddedStateStore({ disk: new NodeDisk(), directory, fullEvery: 1 });

for (const file of readdirSync(golden).filter((name) => name.endsWith(suffix))) {
  const name = file.slice(0, -suffix.length);
  it(`${file} loads and folds on to the state of ${name}.log`, (test) => {
    const directory = directoryFor(test);
    writeFileSync(path.join(directory, fileName), gunzipSync(read(file)));
    const store = storeIn(directory);
    const damages: string[] = [];
    const loaded = store.load(huntApplication.layout, (_, reason) => damages.push(reason));
    assert.deepEqual(damages, []);
    if (!loaded) {
      assert.notEqual(name, newest, 'the newest one has the layout of today');
      return;
    }
    const fold = newFold();
    for (const [number, { rows }] of loaded.header.tables.entries()) {
      fold.space.tables[number]!.rows = rows;
    }
    loaded.pages(({ table, page, bytes }) => fold.space.tables[table]!.restorePage(page, bytes));
    fold.restored();
    const { eventOffset } = loaded.header;
    const tail = unpackRecords(read(`${name}.log`)).slice(eventOffset - 1);
    assert.ok(eventOffset > 1 && tail.length > 0, 'it is in the middle');
    for (const [index, record] of tail.entries()) fold.evolve(eventOffset + index, record);
    assert.equal(fold.space.hash(), read(`${name}.state-hash`).toString().trim());
    store.close();
  });
}

it('today the newest golden checkpoint is written', async (test) => {
  const fold = newFold();
  const records = unpackRecords(read(`${newest}.log`));
  const half = Math.floor(records.length / 2);
  for (const [index, record] of records.slice(0, half).entries()) fold.evolve(index + 1, record);
  const directory = directoryFor(test);
  const store = storeIn(directory);
  const { layout } = huntApplication;
  const place = { store, identity, partition: 0, layout, clock: systemClock };
  await writeCheckpoint({ ...place, fold, eventOffset: half + 1 });
  store.close();
  const written = readFileSync(path.join(directory, fileName));
  const hint = `changed on purpose? Add golden/hunt-N${suffix} (base64 below)\n${gzipSync(written, { level: 9 }).toString('base64')}`;
  assert.ok(written.equals(gunzipSync(read(`${newest}${suffix}`))), hint);
});

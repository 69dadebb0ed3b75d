import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { partitionOf } from '@hunt/rules';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { testHuntId } from '../gateway/testing/test-hunt.ts';
import { DatabaseSync } from '../sqlite/sqlite-module.ts';
import { verifyData } from '../verify/verify-data.ts';
import { type BackupReport, makeBackup } from './make-backup.ts';
import { BackedUpHunt, common, disk, recordsOf } from './testing/backed-up-hunt.ts';

/* A played hunt of two partitions is backed up and restored, whole and cut. */

let hunt: BackedUpHunt;
let backup: BackupReport;
before(async () => {
  hunt = await BackedUpHunt.make();
  ({ backup } = hunt);
});
after(() => hunt.remove());

const verify = (directory: string) =>
  verifyData({ ...common, directory, tableMaxRows: common.settings.tableMaxRows });

function peopleIn(directory: string): number {
  const database = new DatabaseSync(`${directory}/identity.db`, { readOnly: true });
  try {
    return Number(database.prepare('SELECT count(*) AS count FROM teams').get()!['count']);
  } finally {
    database.close();
  }
}

test('what is restored is what was backed up: records, state, people, keys', async () => {
  const verified = await verify(hunt.played);
  assert.deepEqual(
    backup.partitions.map(({ stateSha256 }) => stateSha256),
    verified.partitions.map(({ stateSha256 }) => stateSha256),
  );
  const report = await hunt.restore(backup.out);
  assert.deepEqual(recordsOf(report.directory), recordsOf(hunt.played));
  assert.ok(report.partitions.every(({ isAsBackedUp }) => isAsBackedUp));
  assert.deepEqual(
    report.partitions.map(({ leftOut }) => leftOut),
    [
      { events: 0, commands: 0 },
      { events: 0, commands: 0 },
    ],
  );
  const restored = await verify(report.directory);
  assert.equal(restored.violations, 0);
  assert.equal(restored.stateSha256, verified.stateSha256);
  assert.deepEqual(
    restored.partitions.map(({ checkpoint }) => checkpoint),
    ['equal', 'equal'],
  );
  const { logId } = openEmbeddedLogReader(`${report.directory}/log`, disk).identity;
  assert.equal(logId, report.logId);
  assert.notEqual(logId, backup.logId);
  for (const file of ['secret', 'organiser.key']) {
    const restoredFile = path.join(report.directory, file);
    assert.deepEqual(readFileSync(restoredFile), readFileSync(path.join(hunt.played, file)));
    assert.equal(statSync(restoredFile).mode & 0o777, 0o600);
  }
  assert.equal(statSync(path.join(backup.out, 'secret')).mode & 0o777, 0o600);
  // Nobody has registered team 31: its name is free again.
  assert.deepEqual(report.peopleLeftOut, { teams: 1, players: 1 });
  assert.equal(peopleIn(report.directory), 30);
  assert.deepEqual(report.huntsToPublish, []);
});

test('a backup takes as much space as its records', () => {
  const bytes = recordsOf(hunt.played).reduce((sum, record) => sum + record.length / 2, 0);
  const log = backup.files.filter(({ path: file }) => file.startsWith('log/'));
  const size = log.reduce((sum, file) => sum + file.bytes, 0);
  assert.ok(size < 2 * bytes + 65_536, `${size} bytes for ${bytes} bytes of records`);
});

test('a cut at an offset leaves out what came later, there and wherever it was known', async () => {
  const { events } = backup.partitions[1]!;
  const report = await hunt.restore(backup.out, { lastEvents: new Map([[1, 5]]) });
  assert.equal(report.partitions[1]!.events, 5);
  assert.equal(report.partitions[1]!.leftOut.events, events - 5);
  assert.equal(report.partitions[1]!.isAsBackedUp, false);
  const verified = await verify(report.directory);
  assert.equal(verified.violations, 0);
  const { low, high } = testHuntId;
  const homes = Array.from({ length: 30 }, (_, index) => index + 1).filter(
    (number) => partitionOf(2, low, high, number, number * 31) === 1,
  );
  assert.ok(report.peopleLeftOut.teams > homes.length / 2, `${report.peopleLeftOut.teams}`);
  assert.equal(peopleIn(report.directory), 31 - report.peopleLeftOut.teams);
});

test('a hunt that only some partitions have is named', async () => {
  const none = await hunt.restore(backup.out, { lastEvents: new Map([[0, 0]]) });
  assert.deepEqual(none.huntsToPublish, ['test-hunt']);
  assert.equal((await verify(none.directory)).violations, 0);
  const one = await hunt.restore(backup.out, { lastEvents: new Map([[0, 1]]) });
  assert.deepEqual(one.huntsToPublish, []);
});

test('a backup does not need the lock, and writes nothing into the data directory', async () => {
  const directory = hunt.copyOf(hunt.played);
  const before = recordsOf(directory);
  const names = readdirSync(directory, { recursive: true }).sort();
  const lock = disk.lock(`${directory}/log/lock`)!;
  const seen = new Set<string>();
  const made = await makeBackup({
    ...{ ...common, directory, out: hunt.newPlace() },
    onProgress: ({ phase, done, of }) => {
      if (done === of) seen.add(phase);
    },
  });
  lock.release();
  assert.deepEqual([...seen], ['read', 'copy', 'check', 'files']);
  assert.deepEqual(readdirSync(directory, { recursive: true }).sort(), names);
  assert.deepEqual(recordsOf(made.out), before);
});

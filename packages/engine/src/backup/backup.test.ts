import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { idToHex, partitionOf } from '@hunt/rules';
import { NodeDisk, openEmbeddedLogReader, systemClock } from 'veltrix';
import { processorSettings } from '../engine-settings.ts';
import { testHuntId } from '../gateway/testing/test-hunt.ts';
import { openSecretFile } from '../identity/secret-file.ts';
import { SqliteIdentity } from '../identity/sqlite/sqlite-identity.ts';
import { DatabaseSync } from '../sqlite/sqlite-module.ts';
import { playStoredHunt } from '../verify/testing/stored-hunt.ts';
import { verifyData } from '../verify/verify-data.ts';
import { decodeManifest, encodeManifest } from './backup-manifest.ts';
import { type BackupReport, makeBackup } from './make-backup.ts';
import { type RestoreOptions, restoreBackup } from './restore-backup.ts';

/* A played hunt of two partitions is backed up and restored, whole and cut; what is not whole is refused by name. */
const settings = { ...processorSettings({}), segmentBytes: 16 << 20, tableMaxRows: 1 << 20 };
const disk = new NodeDisk();

let root: string;
let played: string;
let backup: BackupReport;
let count = 0;

before(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-backup-'));
  played = path.join(root, 'played');
  await playStoredHunt(played, 30);
  openSecretFile(path.join(played, 'secret'));
  writeFileSync(path.join(played, 'organiser.key'), 'the key\n', { mode: 0o600 });
  await new SqliteIdentity({ path: path.join(played, 'identity.db') }).close();
  const people = new DatabaseSync(path.join(played, 'identity.db'));
  const team = people.prepare('INSERT INTO teams VALUES (?, ?, ?, NULL, NULL)');
  const player = people.prepare('INSERT INTO players VALUES (?, ?, ?, ?)');
  const hunt = idToHex(testHuntId.low, testHuntId.high);
  for (let number = 1; number <= 31; number++) {
    const id = teamId(number);
    team.run(id, hunt, `Team ${number}`);
    player.run(id, hunt, id, `Player ${number}`);
  }
  people.close();
  backup = await makeBackup({ ...common(), directory: played, out: newPlace() });
});
after(() => rmSync(root, { recursive: true, force: true }));

const teamId = (number: number) => idToHex(number, number * 31);
const common = () => ({ disk, clock: systemClock, settings });

function newPlace(): string {
  count += 1;
  return path.join(root, `place-${count}`);
}

function copyOf(directory: string): string {
  const copy = newPlace();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

const restore = (from: string, more: Partial<RestoreOptions> = {}) =>
  restoreBackup({ ...common(), from, directory: newPlace(), ...more });

const verify = (directory: string) =>
  verifyData({ directory, disk, clock: systemClock, tableMaxRows: settings.tableMaxRows });

/** Pairs of command and decision of each partition. */
function recordsOf(directory: string): string[] {
  const log = openEmbeddedLogReader(`${directory}/log`, disk);
  const records: string[] = [];
  for (let partition = 0; partition < log.identity.partitionCount; partition++) {
    const reader = log.partition(partition);
    const ends = reader.writtenEnd();
    for (const stream of ['commands', 'events'] as const) {
      const all = Number.MAX_SAFE_INTEGER;
      reader.read(
        ...([stream, 1, all] as const),
        (offset, bytes) => {
          records.push(`${partition} ${stream} ${offset} ${Buffer.from(bytes).toString('hex')}`);
        },
        ends[stream],
      );
    }
  }
  return records;
}

function peopleIn(directory: string): number {
  const database = new DatabaseSync(`${directory}/identity.db`, { readOnly: true });
  try {
    return Number(database.prepare('SELECT count(*) AS count FROM teams').get()!['count']);
  } finally {
    database.close();
  }
}

test('what is restored is what was backed up: records, state, people, keys', async () => {
  const verified = await verify(played);
  assert.deepEqual(
    backup.partitions.map(({ stateSha256 }) => stateSha256),
    verified.partitions.map(({ stateSha256 }) => stateSha256),
  );
  const report = await restore(backup.out);
  assert.deepEqual(recordsOf(report.directory), recordsOf(played));
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
    assert.deepEqual(readFileSync(restoredFile), readFileSync(path.join(played, file)));
    assert.equal(statSync(restoredFile).mode & 0o777, 0o600);
  }
  assert.equal(statSync(path.join(backup.out, 'secret')).mode & 0o777, 0o600);
  // Nobody has registered team 31: its name is free again.
  assert.deepEqual(report.peopleLeftOut, { teams: 1, players: 1 });
  assert.equal(peopleIn(report.directory), 30);
  assert.deepEqual(report.huntsToPublish, []);
});

test('a backup takes as much space as its records', () => {
  const bytes = recordsOf(played).reduce((sum, record) => sum + record.length / 2, 0);
  const log = backup.files.filter(({ path: file }) => file.startsWith('log/'));
  const size = log.reduce((sum, file) => sum + file.bytes, 0);
  assert.ok(size < 2 * bytes + 65_536, `${size} bytes for ${bytes} bytes of records`);
});

test('a cut at an offset leaves out what came later, there and wherever it was known', async () => {
  const { events } = backup.partitions[1]!;
  const report = await restore(backup.out, { lastEvents: new Map([[1, 5]]) });
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
  const none = await restore(backup.out, { lastEvents: new Map([[0, 0]]) });
  assert.deepEqual(none.huntsToPublish, ['test-hunt']);
  assert.equal((await verify(none.directory)).violations, 0);
  const one = await restore(backup.out, { lastEvents: new Map([[0, 1]]) });
  assert.deepEqual(one.huntsToPublish, []);
});

test('a point that the backup does not hold is refused', async () => {
  for (const point of [
    { until: Math.max(...backup.partitions.map(({ lastAt }) => Date.parse(lastAt!))) + 1 },
    { until: 0 },
    { lastEvents: new Map([[1, backup.partitions[1]!.events + 1]]) },
    { lastEvents: new Map([[2, 1]]) },
  ]) {
    const directory = newPlace();
    await assert.rejects(restore(backup.out, { ...point, directory }), {
      id: 'engine-restore-outside',
    });
    assert.ok(!existsSync(directory));
  }
});

test('a backup that was cut short is told apart, whatever is missing', async () => {
  const segment = backup.files.find(({ path: file }) => file.startsWith('log/'))!.path;
  const shortened: ((copy: string) => void)[] = [
    (copy) => rmSync(path.join(copy, 'backup.json')),
    (copy) => truncateSync(path.join(copy, 'backup.json'), 200),
    (copy) => rmSync(path.join(copy, segment)),
    (copy) => truncateSync(path.join(copy, segment), 8_192),
    (copy) => rmSync(path.join(copy, 'secret')),
    (copy) => rmSync(copy, { recursive: true }),
  ];
  for (const shorten of shortened) {
    const copy = copyOf(backup.out);
    shorten(copy);
    await assert.rejects(restore(copy), { id: 'engine-backup-incomplete' }, String(shorten));
  }
});

test('a backup that is not as it was written is told apart', async () => {
  const segment = backup.files.find(({ path: file }) => file.startsWith('log/'))!.path;
  const edit = (file: string, from: string, to: string) => {
    const text = readFileSync(file, 'utf8');
    assert.ok(text.includes(from));
    writeFileSync(file, text.replace(from, to));
  };
  const damages: ((copy: string) => void)[] = [
    (copy) => {
      const bytes = readFileSync(path.join(copy, segment));
      bytes[5_000]! ^= 1;
      writeFileSync(path.join(copy, segment), bytes);
    },
    (copy) => appendFileSync(path.join(copy, 'identity.db'), 'more'),
    (copy) => edit(path.join(copy, 'backup.json'), '"events": ', '"events": 1'),
    (copy) => writeFileSync(path.join(copy, 'log/p-0000/journal-00000000000000ff.seg'), 'x'),
    (copy) => edit(path.join(copy, 'backup.json'), 'hunt-backup', 'other'),
  ];
  for (const damage of damages) {
    const copy = copyOf(backup.out);
    damage(copy);
    const directory = newPlace();
    await assert.rejects(
      restore(copy, { directory }),
      { id: 'engine-backup-damaged' },
      String(damage),
    );
    assert.ok(!existsSync(directory));
  }
  const later = copyOf(backup.out);
  edit(path.join(later, 'backup.json'), '"version": 1', '"version": 2');
  await assert.rejects(restore(later), { id: 'engine-backup-version' });
});

test('a log that folds to something else than the backup says is told apart', async () => {
  const copy = copyOf(backup.out);
  const file = path.join(copy, 'backup.json');
  const manifest = decodeManifest(readFileSync(file, 'utf8'), copy);
  const [first, second] = manifest.partitions;
  const changed = { ...second!, stateSha256: first!.stateSha256 };
  writeFileSync(file, encodeManifest({ ...manifest, partitions: [first!, changed] }));
  const directory = newPlace();
  await assert.rejects(restore(copy, { directory }), {
    id: 'engine-backup-damaged',
    message: /partition 1 folds to/,
  });
  assert.ok(!existsSync(directory));
  // Of a release whose state has another layout nothing is known of its hash.
  writeFileSync(
    file,
    encodeManifest({ ...manifest, stateLayout: 'other', partitions: [first!, changed] }),
  );
  const report = await restore(copy, { directory });
  assert.deepEqual(
    report.partitions.map(({ isAsBackedUp }) => isAsBackedUp),
    [false, false],
  );
});

test('nothing is restored over anything', async () => {
  const directory = copyOf(played);
  const used = { id: 'engine-restore-target-used' };
  await assert.rejects(restore(backup.out, { directory }), used);
  assert.deepEqual(recordsOf(directory), recordsOf(played));
  const lock = disk.lock(`${directory}/log/lock`)!;
  await assert.rejects(restore(backup.out, { directory }), /an engine is running on it/);
  lock.release();
  const file = newPlace();
  writeFileSync(file, '');
  await assert.rejects(restore(backup.out, { directory: file }), used);
  const empty = newPlace();
  mkdirSync(empty);
  await restore(backup.out, { directory: empty });
  assert.ok(existsSync(path.join(empty, 'secret')));
});

test('a backup does not need the lock, and writes nothing into the data directory', async () => {
  const directory = copyOf(played);
  const before = recordsOf(directory);
  const names = readdirSync(directory, { recursive: true }).sort();
  const lock = disk.lock(`${directory}/log/lock`)!;
  const seen = new Set<string>();
  const made = await makeBackup({
    ...{ ...common(), directory, out: newPlace() },
    onProgress: ({ phase, done, of }) => {
      if (done === of) seen.add(phase);
    },
  });
  lock.release();
  assert.deepEqual([...seen], ['read', 'copy', 'check', 'files']);
  assert.deepEqual(readdirSync(directory, { recursive: true }).sort(), names);
  assert.deepEqual(recordsOf(made.out), before);
});

test('what is interrupted leaves nothing behind', async () => {
  for (const wanted of ['read', 'copy', 'check', 'files'] as const) {
    const interruption = new AbortController();
    const out = newPlace();
    const watched = {
      ...{ ...common(), signal: interruption.signal },
      onProgress: ({ phase }: { phase: string }) => {
        if (phase === wanted) interruption.abort();
      },
    };
    const aborted = { name: 'AbortError' };
    await assert.rejects(makeBackup({ ...watched, directory: played, out }), aborted);
    await assert.rejects(restoreBackup({ ...watched, from: backup.out, directory: out }), aborted);
    assert.deepEqual(
      readdirSync(root).filter((name) => name.startsWith(path.basename(out))),
      [],
    );
  }
});

test('what cannot be backed up is refused, and nothing is left behind', async () => {
  const target = copyOf(played);
  const make = (directory: string, out = newPlace()) => makeBackup({ ...common(), directory, out });
  await assert.rejects(make(played, target), { id: 'engine-backup-target-used' });
  const file = path.join(target, 'secret');
  await assert.rejects(make(played, file), { id: 'engine-backup-target-used' });
  await assert.rejects(make(newPlace()), { id: 'veltrix-log-missing' });
  const secretless = copyOf(played);
  rmSync(path.join(secretless, 'secret'));
  await assert.rejects(make(secretless), { id: 'engine-backup-files-missing' });
  const broken = copyOf(played);
  writeFileSync(path.join(broken, 'identity.db'), 'not a database at all');
  const out = newPlace();
  await assert.rejects(make(broken, out), { id: 'engine-store-damaged' });
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith(path.basename(out))),
    [],
  );
});

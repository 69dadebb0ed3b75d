import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { decodeManifest, encodeManifest } from './backup-manifest.ts';
import { type BackupReport, makeBackup } from './make-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { BackedUpHunt, common, disk, recordsOf } from './testing/backed-up-hunt.ts';

/* What is not whole, not free or not there is refused by name, and nothing is left behind. */

let hunt: BackedUpHunt;
let backup: BackupReport;
before(async () => {
  hunt = await BackedUpHunt.make();
  ({ backup } = hunt);
});
after(() => hunt.remove());

test('a point that the backup does not hold is refused', async () => {
  for (const point of [
    { until: Math.max(...backup.partitions.map(({ lastAt }) => Date.parse(lastAt!))) + 1 },
    { until: 0 },
    { lastEvents: new Map([[1, backup.partitions[1]!.events + 1]]) },
    { lastEvents: new Map([[2, 1]]) },
  ]) {
    const directory = hunt.newPlace();
    await assert.rejects(hunt.restore(backup.out, { ...point, directory }), {
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
    const copy = hunt.copyOf(backup.out);
    shorten(copy);
    await assert.rejects(hunt.restore(copy), { id: 'engine-backup-incomplete' }, String(shorten));
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
    const copy = hunt.copyOf(backup.out);
    damage(copy);
    const directory = hunt.newPlace();
    await assert.rejects(
      hunt.restore(copy, { directory }),
      { id: 'engine-backup-damaged' },
      String(damage),
    );
    assert.ok(!existsSync(directory));
  }
  const later = hunt.copyOf(backup.out);
  edit(path.join(later, 'backup.json'), '"version": 1', '"version": 2');
  await assert.rejects(hunt.restore(later), { id: 'engine-backup-version' });
});

test('a log that folds to something else than the backup says is told apart', async () => {
  const copy = hunt.copyOf(backup.out);
  const file = path.join(copy, 'backup.json');
  const manifest = decodeManifest(readFileSync(file, 'utf8'), copy);
  const [first, second] = manifest.partitions;
  const changed = { ...second!, stateSha256: first!.stateSha256 };
  writeFileSync(file, encodeManifest({ ...manifest, partitions: [first!, changed] }));
  const directory = hunt.newPlace();
  await assert.rejects(hunt.restore(copy, { directory }), {
    id: 'engine-backup-damaged',
    message: /partition 1 folds to/,
  });
  assert.ok(!existsSync(directory));
  // Of a release whose state has another layout nothing is known of its hash.
  writeFileSync(
    file,
    encodeManifest({ ...manifest, stateLayout: 'other', partitions: [first!, changed] }),
  );
  const report = await hunt.restore(copy, { directory });
  assert.deepEqual(
    report.partitions.map(({ isAsBackedUp }) => isAsBackedUp),
    [false, false],
  );
});

test('nothing is restored over anything', async () => {
  const directory = hunt.copyOf(hunt.played);
  const used = { id: 'engine-restore-target-used' };
  await assert.rejects(hunt.restore(backup.out, { directory }), used);
  assert.deepEqual(recordsOf(directory), recordsOf(hunt.played));
  const lock = disk.lock(`${directory}/log/lock`)!;
  await assert.rejects(hunt.restore(backup.out, { directory }), /an engine is running on it/);
  lock.release();
  const file = hunt.newPlace();
  writeFileSync(file, '');
  await assert.rejects(hunt.restore(backup.out, { directory: file }), used);
  const empty = hunt.newPlace();
  mkdirSync(empty);
  await hunt.restore(backup.out, { directory: empty });
  assert.ok(existsSync(path.join(empty, 'secret')));
});

test('what is interrupted leaves nothing behind', async () => {
  for (const wanted of ['read', 'copy', 'check', 'files'] as const) {
    const interruption = new AbortController();
    const out = hunt.newPlace();
    const watched = {
      ...{ ...common, signal: interruption.signal },
      onProgress: ({ phase }: { phase: string }) => {
        if (phase === wanted) interruption.abort();
      },
    };
    const aborted = { name: 'AbortError' };
    await assert.rejects(makeBackup({ ...watched, directory: hunt.played, out }), aborted);
    await assert.rejects(restoreBackup({ ...watched, from: backup.out, directory: out }), aborted);
    assert.deepEqual(
      readdirSync(hunt.root).filter((name) => name.startsWith(path.basename(out))),
      [],
    );
  }
});

test('what cannot be backed up is refused, and nothing is left behind', async () => {
  const target = hunt.copyOf(hunt.played);
  const make = (directory: string, out = hunt.newPlace()) =>
    makeBackup({ ...common, directory, out });
  await assert.rejects(make(hunt.played, target), { id: 'engine-backup-target-used' });
  const file = path.join(target, 'secret');
  await assert.rejects(make(hunt.played, file), { id: 'engine-backup-target-used' });
  await assert.rejects(make(hunt.newPlace()), { id: 'veltrix-log-missing' });
  const secretless = hunt.copyOf(hunt.played);
  rmSync(path.join(secretless, 'secret'));
  await assert.rejects(make(secretless), { id: 'engine-backup-files-missing' });
  const broken = hunt.copyOf(hunt.played);
  writeFileSync(path.join(broken, 'identity.db'), 'not a database at all');
  const out = hunt.newPlace();
  await assert.rejects(make(broken, out), { id: 'engine-store-damaged' });
  assert.deepEqual(
    readdirSync(hunt.root).filter((name) => name.startsWith(path.basename(out))),
    [],
  );
});

import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { NodeDisk, systemClock } from 'veltrix';
import { type EmbeddedPartitionReader, openEmbeddedLogReader } from 'veltrix/embedded';
import { openSecretFile } from '../identity/secret-file.ts';
import { playShortened, shortenedSettings as settings } from '../migrate/testing/shortened-log.ts';
import { verifyData } from '../verify/verify-data.ts';
import { DecidedRecords } from './decided-records.ts';
import { makeBackup } from './make-backup.ts';
import { restoreBackup } from './restore-backup.ts';

/* A log that retention has shortened is backed up whole: the archive has what the log no longer has. */
const disk = new NodeDisk();
const common = { disk, clock: systemClock, settings };

let root: string;
let directory: string;
before(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-backup-shortened-'));
  directory = path.join(root, 'data');
  await playShortened(directory);
  openSecretFile(path.join(directory, 'secret'));
});
after(() => rmSync(root, { recursive: true, force: true }));

const reader = () => openEmbeddedLogReader(`${directory}/log`, disk).partition(0);

test('a shortened log is backed up with what the archive has, and refused without it', async () => {
  const first = reader().start('events');
  assert.ok(first > 1);
  const [archive, aside] = [`${directory}/archive.db`, path.join(root, 'aside.db')];
  const out = path.join(root, 'backup');
  renameSync(archive, aside);
  await assert.rejects(makeBackup({ ...common, directory, out }), {
    id: 'engine-migrate-source-shortened',
    message: new RegExp(`record ${first},.*no archive`),
  });
  renameSync(aside, archive);
  const { partitions } = await makeBackup({ ...common, directory, out });
  assert.equal(partitions[0]!.events, reader().writtenEnd().events - 1);
  const restored = path.join(root, 'restored');
  const report = await restoreBackup({ ...common, from: out, directory: restored });
  assert.ok(report.partitions[0]!.isAsBackedUp);
  const proof = await verifyData({
    ...{ directory: restored, disk, clock: systemClock },
    tableMaxRows: settings.tableMaxRows,
  });
  assert.deepEqual(proof.firstViolations, []);
  assert.equal(proof.partitions[0]!.from, 1);
});

test('what retention removes while it is read comes from the archive', async () => {
  const log = reader();
  const ends = log.writtenEnd();
  const asked = new Set<string>();
  const history = new DecidedRecords(
    {
      partition: 0,
      durableEnd: (stream) => ends[stream],
      // As it was before segments were removed, the first time that each stream is read.
      start: (stream) => {
        const isFirst = !asked.has(stream);
        asked.add(stream);
        return isFirst ? 1 : log.start(stream);
      },
      read: (...[stream, from, maxBytes, visit]: Parameters<EmbeddedPartitionReader['read']>) =>
        log.read(stream, from, maxBytes, visit, ends[stream]),
    },
    directory,
  );
  const offsets: number[] = [];
  for await (const steps of history.read()) offsets.push(...steps.map(({ offset }) => offset));
  assert.deepEqual(
    offsets,
    Array.from({ length: ends.events - 1 }, (_, index) => index + 1),
  );
});

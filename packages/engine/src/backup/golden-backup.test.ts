import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { NodeDisk, systemClock } from 'veltrix';
import { processorSettings } from '../engine-settings.ts';
import { verifyData } from '../verify/verify-data.ts';
import { restoreBackup } from './restore-backup.ts';
import { packDirectory, unpackDirectory } from './testing/packed-directory.ts';

/*
 * Backups of released engines, each of a hunt of twelve teams on two partitions and packed as
 * `packDirectory` does; in the one that says so half of the teams were traced. Each has to be restored for ever. When the format changes, keep them and add one of the
 * new version.
 */
const golden = new URL('../../golden/', import.meta.url);
const suffix = '.backup.gz';
const settings = { ...processorSettings({}), tableMaxRows: 1 << 20 };

let root: string;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-golden-backup-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

const files = readdirSync(golden).filter((name) => name.endsWith(suffix));

test('there are some', () => assert.ok(files.length > 0));

for (const file of files) {
  test(`${file} is restored`, async () => {
    const packed = readFileSync(new URL(file, golden));
    const from = path.join(root, file);
    unpackDirectory(packed, from);
    assert.ok(gunzipSync(packDirectory(from)).equals(gunzipSync(packed)), 'packed again as it was');
    const directory = path.join(root, `${file}-restored`);
    const common = { disk: new NodeDisk(), clock: systemClock };
    const report = await restoreBackup({ ...common, from, directory, settings });
    assert.equal(report.partitions.length, 2);
    const proof = await verifyData({
      ...{ ...common, directory },
      tableMaxRows: settings.tableMaxRows,
    });
    assert.deepEqual(proof.firstViolations, []);
    assert.ok(proof.decisions > 12 * 7, `${proof.decisions}`);
  });
}

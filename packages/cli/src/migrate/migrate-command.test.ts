import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { MigrationReport } from '@hunt/engine/migrate';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { migrationLines } from './migration-lines.ts';

let root: string;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-migrate-command-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

async function migrate(from: string, to: string) {
  const { code, output } = await huntInProcess(['migrate', '--from', from, '--to', to, '--json']);
  return { code, error: JSON.parse(output).error as { id: string; message: string } };
}

test('ends that cannot be are refused by name, and nothing is made', async () => {
  const [one, other] = [path.join(root, 'one'), path.join(root, 'other')];
  mkdirSync(one);
  mkdirSync(other);
  const file = path.join(root, 'cluster.yaml');
  writeFileSync(file, 'partitions: 2\n');
  assert.equal((await migrate(one, other)).error.id, 'cli-migrate-ends');
  assert.match((await migrate(file, file)).error.message, /both files/);
  const nowhere = await migrate(path.join(root, 'nowhere'), file);
  assert.deepEqual([nowhere.error.id, nowhere.code], ['cli-file-unreadable', 74]);
  const invalid = await migrate(one, file);
  assert.equal(invalid.error.id, 'engine-cluster-config-invalid');
  assert.match(invalid.error.message, /secrets is missing/);
  assert.equal((await migrate(file, path.join(root, 'new'))).error.id, invalid.error.id);
  assert.deepEqual(readdirSync(root).sort(), ['cluster.yaml', 'one', 'other']);
  assert.deepEqual(readdirSync(one), []);
});

test('a person is told what was done and what to do next', () => {
  const report: MigrationReport = {
    ...{ state: 'finished', from: '/data', to: 'topics hunt.*', resumed: true },
    ...{ logId: 'ab', commandRecords: 7, eventRecords: 6, stateSha256: 'cd' },
    partitions: [
      {
        ...{ partition: 0, records: { commands: 7, events: 6 }, stateSha256: 'ef' },
        present: { commands: 4, events: 0 },
      },
    ],
  };
  const ends = { directory: '/data', file: 'cluster.yaml', isToCluster: true };
  const text = migrationLines(report, ends).join('\n');
  assert.match(text, /4 records were there/);
  assert.match(text, /7 of commands, 6 of decisions, in 1 partition/);
  assert.match(text, /hunt serve --cluster cluster\.yaml/);
  const back = migrationLines(report, { ...ends, isToCluster: false }).join('\n');
  assert.match(back, /hunt serve --data \/data/);
  const planned = migrationLines({ ...report, state: 'planned', resumed: false }, ends).join('\n');
  assert.match(planned, /Would begin anew/);
  assert.doesNotMatch(planned, /Both are the same/);
  const before = migrationLines({ ...report, state: 'was-finished' }, ends).join('\n');
  assert.match(before, /done before/);
});

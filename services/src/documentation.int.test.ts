import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { whyNotAvailable } from './availability.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('the commands of docs/services.md run, and leave nothing', {
  skip: whyNotAvailable('redis'),
}, async (t) => {
  const page = readFileSync(path.join(root, 'docs/services.md'), 'utf8');
  const commands = [...page.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
  assert.ok(commands.length > 0);
  const run = mkdtempSync(path.join(tmpdir(), 'hunt-examples-'));
  t.after(() => rmSync(run, { recursive: true }));
  const { stdout } = await promisify(execFile)('bash', ['-euc', commands.join('\n')], {
    cwd: root,
    env: { ...process.env, HUNT_REDIS: '', HUNT_SERVICES_RUN: run },
  });
  assert.equal(stdout.match(/^redis +answers +127\.0\.0\.1:\d+ +export HUNT_REDIS=/gm)?.length, 2);
  assert.match(stdout, /^redis +stopped$/m);
  assert.deepEqual(readdirSync(run), []);
});

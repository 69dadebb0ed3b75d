import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { refresh, staleFiles } from './generate.ts';

test('missing, outdated and left-over files are named, and refreshing mends them', async (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'hunt-generate-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(path.join(root, 'out'));
  writeFileSync(path.join(root, 'out/same.md'), 'same');
  writeFileSync(path.join(root, 'out/old.md'), 'old');
  writeFileSync(path.join(root, 'out/left.md'), 'left');
  const generator = {
    name: 'pages',
    ownedFolder: 'out',
    generate: async () =>
      new Map([
        ['out/same.md', 'same'],
        ['out/old.md', 'new'],
        ['out/deep/missing.md', 'here'],
      ]),
  };

  const stale = await staleFiles(generator, root);
  assert.deepEqual(stale.map(({ file, problem }) => `${file} ${problem}`).sort(), [
    'out/deep/missing.md missing',
    'out/left.md left over',
    'out/old.md outdated',
  ]);

  refresh(stale, root);
  assert.deepEqual(await staleFiles(generator, root), []);
  assert.equal(readFileSync(path.join(root, 'out/deep/missing.md'), 'utf8'), 'here');
});

test('files outside an owned folder are nobody’s left-overs', async (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'hunt-generate-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(path.join(root, 'other.json'), '{}');
  const generator = { name: 'schema', generate: async () => new Map<string, string>() };
  assert.deepEqual(await staleFiles(generator, root), []);
});

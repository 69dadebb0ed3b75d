import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot, sourceFiles } from '../repository.ts';
import { importsOf, parseSource } from '../source-code.ts';
import { isLetIn } from './docker-ignore.ts';
import { isShipped } from './shipped-files.ts';

const read = (file: string) => readFileSync(path.join(repositoryRoot, file), 'utf8');

const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];

/** What only the build of an image needs. */
const forBuilding = [
  'package-lock.json',
  '.npmrc',
  'bench/package.json',
  'chaos/package.json',
  'services/package.json',
  'scripts/release/bill-of-materials.ts',
];

test('an image is built from what is shipped, and nothing else', () => {
  const listed = execFileSync('git', listing, { cwd: repositoryRoot, encoding: 'utf8' });
  const files = [...listed.split('\0').filter(Boolean), 'packages/cli/node_modules/some/index.js'];
  const ignoreFile = read('.dockerignore');
  const letIn = files.filter((file) => isLetIn(ignoreFile, file)).sort();
  const shipped = files.filter((file) => isShipped(file) && !file.includes('node_modules'));
  assert.deepEqual(letIn, [...shipped, ...forBuilding].sort());
  assert.ok(letIn.includes('packages/cli/bin/hunt.js'));
});

test('what is shipped imports nothing that is not', () => {
  for (const file of sourceFiles().filter(isShipped)) {
    for (const { specifier } of importsOf(parseSource(file, read(file)))) {
      if (!specifier.startsWith('.')) continue;
      const target = path.posix.join(path.posix.dirname(file), specifier);
      assert.ok(isShipped(target), `${file} imports ${target}, which is not shipped`);
    }
  }
});

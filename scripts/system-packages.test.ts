import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { installHints, missingPrograms, type SystemProgram } from './system-packages.ts';

const browser: SystemProgram = {
  program: 'browser',
  debianPackage: 'browser-package',
  usedBy: 'page tests',
};

test('a program is missing until a folder of the path has it as an executable file', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hunt-programs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const searchPath = ['/nonexistent', folder].join(path.delimiter);
  const file = path.join(folder, 'browser');
  assert.deepEqual(missingPrograms([browser], searchPath), [browser]);
  writeFileSync(file, '', { mode: 0o644 });
  assert.deepEqual(missingPrograms([browser], searchPath), [browser]);
  chmodSync(file, 0o755);
  assert.deepEqual(missingPrograms([browser], searchPath), []);
  assert.deepEqual(missingPrograms([browser], ''), [browser]);
});

test('the hint says what skips and how to install it', () => {
  assert.deepEqual(installHints([browser]), [
    'browser is missing, so page tests skip; on Debian: apt-get install browser-package',
  ]);
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readSecret } from './secret.ts';

test('a secret is where its reference says; what cannot be read is named without it', (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-secret-'));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(path.join(directory, 'password'), 'hunter2\n');
  writeFileSync(path.join(directory, 'empty'), '\n');
  writeFileSync(path.join(directory, 'large'), 'x'.repeat(70_000));
  const places = { name: 'log.password', directory, env: { PASSWORD: 'hunter3', EMPTY: '' } };
  assert.equal(readSecret('file:password', places), 'hunter2');
  assert.equal(readSecret(`file:${path.join(directory, 'password')}`, places), 'hunter2');
  assert.equal(readSecret('env:PASSWORD', places), 'hunter3');
  for (const [reference, reason] of [
    ['file:missing', /log\.password cannot be read: ENOENT/],
    ['file:empty', /empty is empty/],
    ['file:large', /more than 65536 bytes/],
    ['env:OTHER', /the environment has no OTHER/],
    ['env:EMPTY', /the environment has no EMPTY/],
    ['hunter4', /it is no reference/],
  ] as const) {
    assert.throws(
      () => readSecret(reference, places),
      (error: Error) => {
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /hunter/);
        return true;
      },
    );
  }
});

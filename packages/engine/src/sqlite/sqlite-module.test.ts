import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

it('loading SQLite warns of nothing, and other warnings still come through', () => {
  const file = new URL('./sqlite-module.ts', import.meta.url).href;
  const script = `
    const { DatabaseSync } = await import(${JSON.stringify(file)});
    new DatabaseSync(':memory:').close();
    process.emitWarning('something else', 'ExperimentalWarning');`;
  const args = ['--input-type=module', '--eval', script];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /something else/);
  assert.doesNotMatch(stderr, /SQLite/);
});

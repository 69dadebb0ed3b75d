import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/hunt.js', import.meta.url));

test('SIGUSR2 has a running server say why it refuses', {
  skip: process.platform === 'win32' && 'has no such signal',
  timeout: 120_000,
}, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-log-level-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const child = spawn(process.execPath, [
    program,
    'serve',
    '--data',
    directory,
    '--port',
    '0',
    '--json',
  ]);
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let lines = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lines += text;
  });
  const [announcement] = await once(child.stdout.setEncoding('utf8'), 'data');
  const { url } = JSON.parse(announcement) as { readonly url: string };
  const refused = () =>
    lines.split('\n').filter((line) => line.includes('"a request was refused"'));
  const refuse = async () => assert.equal((await fetch(`${url}/v1/hunts/nowhere`)).status, 404);
  await refuse();
  child.kill('SIGUSR2');
  // A signal comes when it comes.
  while (refused().length === 0) {
    await refuse();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [line] = refused();
  const { hunt, ...fields } = JSON.parse(line!);
  assert.equal(fields['log.level'], 'debug');
  assert.equal(fields['service.version'], '0.1.0');
  assert.equal(hunt.refused.code, 'rules-hunt-unknown');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

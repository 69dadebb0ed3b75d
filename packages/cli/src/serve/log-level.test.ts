import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ServeProcess } from '../testing/serve-process.ts';

interface Said {
  readonly refused: { readonly code: string };
}

test('SIGUSR2 has a running server say why it refuses', {
  skip: process.platform === 'win32' && 'has no such signal',
  timeout: 120_000,
}, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-log-level-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const server = new ServeProcess(['--data', directory, '--port', '0', '--json']);
  t.after(() => server.kill());
  const url = await server.url();
  const refuse = async () => assert.equal((await fetch(`${url}/v1/hunts/nowhere`)).status, 404);
  await refuse();
  server.child.kill('SIGUSR2');
  let isSaid = false;
  const said = server.said<Said>('a request was refused').finally(() => {
    isSaid = true;
  });
  // A signal comes when it comes.
  while (!isSaid) {
    await refuse();
    await pause(50);
  }
  const { hunt, ...fields } = await said;
  assert.equal(fields['log.level'], 'debug');
  assert.equal(fields['service.version'], '0.1.0');
  assert.equal(hunt.refused.code, 'rules-hunt-unknown');
  await server.stop();
});

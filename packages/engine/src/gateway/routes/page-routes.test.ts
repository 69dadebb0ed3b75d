import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startTestGateway } from '../testing/test-gateway.ts';

test('pages come from memory, strict and cacheable; nothing outside the folder does', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<p>play</p>');
  writeFileSync(join(folder, 'board.html'), '<p>board</p>');
  writeFileSync(join(folder, 'assets', 'play.js'), 'play()');
  writeFileSync(join(folder, 'secret.key'), 'secret');
  const { call } = await startTestGateway(t, {}, 1, pathToFileURL(folder));
  const index = await call('GET', '/');
  assert.equal(index.text, '<p>play</p>');
  assert.match(index.headers.get('content-type')!, /^text\/html/);
  assert.match(index.headers.get('content-security-policy')!, /default-src 'self'/);
  assert.equal((await call('GET', '/board')).text, '<p>board</p>');
  const script = await call('GET', '/assets/play.js');
  assert.match(script.headers.get('content-type')!, /^text\/javascript/);
  const etag = script.headers.get('etag')!;
  const again = await call('GET', '/assets/play.js', { headers: { 'if-none-match': etag } });
  assert.deepEqual([again.status, again.text], [304, '']);
  for (const path of ['/secret.key', '/assets/', '/assets/..%2findex.html', '/index.html']) {
    assert.equal((await call('GET', path)).status, 404, path);
  }
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { startTestGateway } from '../testing/test-gateway.ts';

test('pages come from memory, strict and cacheable; nothing outside the folder does', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<p>play</p>');
  writeFileSync(join(folder, 'board.html'), '<p>board</p>');
  writeFileSync(join(folder, 'assets', 'play.js'), 'play()');
  writeFileSync(join(folder, 'secret.key'), 'secret');
  const web = { root: pathToFileURL(folder), modules: new Map() };
  const { call } = await startTestGateway(t, {}, 1, web);
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
  assert.equal(script.headers.get('vary'), 'accept-encoding');
  for (const path of ['/secret.key', '/assets/', '/assets/..%2findex.html', '/index.html']) {
    assert.equal((await call('GET', path)).status, 404, path);
  }
});

test('a module from elsewhere is read when first asked for, and once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'root'));
  const file = join(folder, 'decode.js');
  const modules = new Map([['/assets/qr/decode.js', () => pathToFileURL(file)]]);
  const root = pathToFileURL(join(folder, 'root'));
  const { call } = await startTestGateway(t, {}, 1, { root, modules });
  writeFileSync(file, 'decode()');
  const decoder = await call('GET', '/assets/qr/decode.js');
  assert.equal(decoder.text, 'decode()');
  assert.match(decoder.headers.get('content-type')!, /^text\/javascript/);
  writeFileSync(file, 'changed()');
  assert.equal((await call('GET', '/assets/qr/decode.js')).text, 'decode()');
  assert.equal((await call('GET', '/decode.js')).status, 404);
});

test('pages are compressed for who says so, under a tag of its own', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const text = 'play();'.repeat(1_000);
  writeFileSync(join(folder, 'play.js'), text);
  const web = { root: pathToFileURL(folder), modules: new Map() };
  const { gateway } = await startTestGateway(t, {}, 1, web);
  const get = (headers: Record<string, string>) =>
    gateway.app.inject({ method: 'GET', url: '/play.js', headers });
  for (const none of ['', 'br', 'gzip;q=0', 'gzip; q=0.0, br']) {
    const plain = await get({ 'accept-encoding': none });
    assert.equal(plain.headers['content-encoding'], undefined, none);
    assert.equal(plain.body, text);
  }
  const plainTag = String((await get({})).headers.etag);
  for (const some of ['gzip', 'gzip, deflate, br, zstd', 'br;q=1, gzip;q=0.5']) {
    const packed = await get({ 'accept-encoding': some });
    assert.equal(packed.headers['content-encoding'], 'gzip', some);
    assert.ok(packed.rawPayload.length < 200);
    assert.equal(gunzipSync(packed.rawPayload).toString(), text);
    const tag = String(packed.headers.etag);
    assert.notEqual(tag, plainTag);
    const again = await get({ 'accept-encoding': some, 'if-none-match': tag });
    assert.deepEqual([again.statusCode, again.body], [304, '']);
    const other = await get({ 'accept-encoding': some, 'if-none-match': plainTag });
    assert.equal(other.statusCode, 200);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signScanCode } from '@hunt/rules';
import { startTestGateway } from '../testing/test-gateway.ts';
import { testSecret } from '../testing/test-hunt.ts';

/* What organisers publish and read. */

const commands = '/v1/hunts/test-hunt/commands';

test('a hunt is published, listed, and refused with the places of its problems', async (t) => {
  const { call, organiserKey: token } = await startTestGateway(t, {}, 2);
  const source = `
hunt: second
title: Second
version: 1
opens: 2001-01-01T00:00:00Z
closes: 2099-01-01T00:00:00Z
steps: [{ id: one, title: One, points: 1, answers: [yes] }]
`;
  const headers = { 'content-type': 'application/yaml' };
  const published = await call('POST', '/v1/hunts', { token, headers, body: source });
  assert.equal(published.status, 201);
  assert.equal(published.body.steps, 1);
  assert.equal((await call('POST', '/v1/hunts', { token, body: { source } })).status, 201);
  const changed = source.replace('Second', 'Changed');
  const outdated = await call('POST', '/v1/hunts', { token, body: { source: changed } });
  assert.equal(outdated.body.code, 'rules-hunt-version-outdated');
  const broken = await call('POST', '/v1/hunts', { token, body: { source: 'hunt: X' } });
  assert.equal(broken.status, 422);
  assert.equal(broken.body.code, 'engine-hunt-invalid');
  assert.ok(broken.body.problems[0].line >= 1);
  assert.match(broken.body.problems[0].id, /^rules-file-/);
  const { body } = await call('GET', '/v1/hunts');
  assert.deepEqual(body.hunts.map(({ hunt }: { hunt: string }) => hunt).sort(), [
    'second',
    'test-hunt',
    'test-solo',
  ]);
});

test('an organiser reads the codes for the posters, and one of them solves its step', async (t) => {
  const { call, join, organiserKey, identity } = await startTestGateway(t, {}, 2);
  const path = '/v1/hunts/test-hunt/scan-codes';
  const { status, body, headers } = await call('GET', path, { token: organiserKey });
  assert.deepEqual([status, headers.get('cache-control')], [200, 'no-store']);
  const code = signScanCode(testSecret, 'test-hunt', 'lantern', 'lantern-7f3a');
  assert.deepEqual(body, { codes: [{ step: 'lantern', title: 'The lantern', code }] });
  const { token } = await join();
  const scan = { type: 'scan-code', step: 'lantern', code: body.codes[0]!.code };
  const { body: solved } = await call('POST', commands, { token, body: scan });
  assert.equal(solved.outcome, 'solved');

  const recorder = await identity.createOrganiserKey('desk', ['record']);
  const refusals = [];
  for (const [asking, options] of [
    [path, {}],
    [path, { token }],
    [path, { token: recorder }],
    [path.replace('test-hunt', 'none'), { token: organiserKey }],
    // Who may not ask is not told which hunts there are either.
    [path.replace('test-hunt', 'none'), { token: recorder }],
  ] as const) {
    refusals.push((await call('GET', asking, options)).body.code);
  }
  assert.deepEqual(refusals, [
    'engine-token-missing',
    'engine-key-invalid',
    'engine-scope-missing',
    'rules-hunt-unknown',
    'engine-scope-missing',
  ]);
  for (const open of ['/v1/hunts/test-hunt', '/v1/hunts', '/v1/hunts/test-hunt/me']) {
    const { text } = await call('GET', open, { token });
    assert.ok(!text.includes(code.split('.').at(-1)!), open);
  }
});

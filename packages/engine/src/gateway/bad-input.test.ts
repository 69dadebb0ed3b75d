import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { signScanCode } from '@hunt/rules';
import { type Answer, startTestGateway, type TestGateway } from './testing/test-gateway.ts';
import { testSecret } from './testing/test-hunt.ts';

/* What is wrong with a request is said with its own id and status, and the next one is served. */

const commands = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: 'water' };
const json = { 'content-type': 'application/json' };

function assertProblem(answer: Answer, status: number, code: string): void {
  assert.deepEqual([answer.status, answer.body?.code], [status, code]);
  assert.equal(answer.body.status, status);
  assert.equal(answer.body.type, `/errors/${code}`);
  assert.match(answer.headers.get('content-type')!, /^application\/problem\+json/);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.doesNotMatch(answer.text, /node_modules|\.ts:|at \w+ \(/);
}

test('bodies', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  const post = async (body: string, headers: Readonly<Record<string, string>> = json) =>
    call('POST', commands, { token, headers, body });
  for (const [body, status, code] of [
    ['', 400, 'engine-json-invalid'],
    ['{', 400, 'engine-json-invalid'],
    [
      '{"type":"submit-answer","step":"gate","answer":"a","__proto__":{}}',
      400,
      'engine-json-invalid',
    ],
    ['null', 400, 'engine-request-invalid'],
    ['[]', 400, 'engine-request-invalid'],
    ['"text"', 400, 'engine-request-invalid'],
    ['{}', 400, 'engine-request-invalid'],
    ['{"type":7}', 400, 'engine-request-invalid'],
    ['{"type":"constructor"}', 400, 'engine-request-invalid'],
    [JSON.stringify({ ...water, answer: 7 }), 400, 'engine-request-invalid'],
    [JSON.stringify({ ...water, more: 1 }), 400, 'engine-request-invalid'],
    [JSON.stringify({ ...water, team: 'A' }), 400, 'engine-request-invalid'],
    [JSON.stringify({ ...water, step: '' }), 400, 'engine-request-invalid'],
    [JSON.stringify({ ...water, step: 'nowhere' }), 404, 'rules-step-unknown'],
    [JSON.stringify({ ...water, step: '__proto__' }), 404, 'rules-step-unknown'],
    [JSON.stringify({ ...water, answer: '' }), 422, 'engine-answer-invalid'],
    [JSON.stringify({ ...water, answer: ' \u200b' }), 422, 'engine-answer-invalid'],
    [JSON.stringify({ ...water, answer: 'a\0b' }), 422, 'engine-answer-invalid'],
    [JSON.stringify({ ...water, answer: '\ud800' }), 422, 'engine-answer-invalid'],
    [JSON.stringify({ ...water, answer: 'x'.repeat(1_025) }), 422, 'engine-answer-invalid'],
    [JSON.stringify({ ...water, answer: 'x'.repeat(20_000) }), 413, 'engine-body-too-large'],
    [`${'['.repeat(8_000)}${']'.repeat(8_000)}`, 400, 'engine-request-invalid'],
    ['{"type":"take-hint","step":"gate","hint":0}', 400, 'engine-request-invalid'],
    ['{"type":"take-hint","step":"gate","hint":1.5}', 400, 'engine-request-invalid'],
    ['{"type":"take-hint","step":"gate","hint":8}', 404, 'rules-hint-unknown'],
    ['{"type":"claim-treasure","treasure":"moon"}', 404, 'rules-treasure-unknown'],
    ['{"type":"scan-code","step":"lantern","code":"nonsense"}', 422, 'engine-scan-code-invalid'],
    [
      '{"type":"check-in","step":"tower","latitude":91,"longitude":0,"accuracyMeters":1}',
      400,
      'engine-request-invalid',
    ],
    [
      '{"type":"check-in","step":"tower","latitude":1e999,"longitude":0,"accuracyMeters":1}',
      400,
      'engine-request-invalid',
    ],
    [
      '{"type":"check-in","step":"gate","latitude":1,"longitude":0,"accuracyMeters":1}',
      409,
      'rules-step-of-other-kind',
    ],
    [JSON.stringify({ ...water, step: 'vault' }), 409, 'rules-step-not-open'],
  ] as const) {
    assertProblem(await post(body), status, code);
  }
  assertProblem(
    await post('a=b', { 'content-type': 'text/csv' }),
    415,
    'engine-media-type-unsupported',
  );
  assertProblem(await post('x', { 'content-type': '' }), 415, 'engine-media-type-unsupported');
  const code = signScanCode(testSecret, 'test-hunt', 'lantern', 'lantern-7f3a');
  for (const elsewhere of [
    { type: 'scan-code', step: 'gate', code },
    { type: 'scan-code', step: 'lantern', code: code.replace('test-hunt', 'test-solo') },
  ]) {
    assertProblem(await post(JSON.stringify(elsewhere)), 422, 'engine-scan-code-invalid');
  }
  assertProblem(
    await call('POST', '/v1/hunts/test-hunt/commands/batch', {
      token,
      headers: json,
      body: 'x'.repeat(11_000_000),
    }),
    413,
    'engine-body-too-large',
  );
  assert.equal((await call('POST', commands, { token, body: water })).body.outcome, 'solved');
});

test('addresses, methods and parameters', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  assertProblem(await call('GET', '/v1/nothing'), 404, 'engine-path-unknown');
  assertProblem(await call('GET', '/errors/toString'), 404, 'engine-path-unknown');
  const wrong = await call('PUT', commands, { token, body: water });
  assertProblem(wrong, 405, 'engine-method-not-allowed');
  assert.equal(wrong.headers.get('allow'), 'POST');
  const unknown = await call('POST', '/v1/hunts/none/commands', { token, body: water });
  assertProblem(unknown, 404, 'rules-hunt-unknown');
  assertProblem(await call('GET', '/v1/hunts/%E0%A4%A'), 400, 'engine-request-malformed');
  assertProblem(await call('GET', `/v1/hunts/${'x'.repeat(200)}`), 404, 'engine-path-unknown');
  assertProblem(await call('GET', `${commands}/xyz`), 400, 'engine-request-invalid');
  for (const query of [
    'from=-1',
    'from=x',
    'limit=0',
    'limit=1001',
    'limit=1&limit=2',
    'from=1e3',
  ]) {
    const answer = await call('GET', `/v1/hunts/test-hunt/standings?${query}`);
    assertProblem(answer, 400, 'engine-request-invalid');
  }
  const none = await call('GET', `/v1/hunts/test-hunt/standings/${'0'.repeat(16)}`);
  assertProblem(none, 404, 'rules-team-unknown');
});

test('idempotency keys', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  for (const key of ['', 'a b', 'x'.repeat(129), '\u00e4']) {
    const headers = { 'idempotency-key': key };
    assertProblem(
      await call('POST', commands, { token, headers, body: water }),
      400,
      'engine-idempotency-key-invalid',
    );
  }
});

test('batches that are too long or not one are refused as a whole', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  const path = `${commands}/batch`;
  for (const body of [
    {},
    { commands: [] },
    { commands: new Array(1_001).fill(water) },
    { commands: 7 },
  ]) {
    assertProblem(await call('POST', path, { token, body }), 400, 'engine-request-invalid');
  }
});

/** What a server answers to these bytes before it closes the connection. */
async function raw({ url }: TestGateway, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

test('what is not HTTP, too slow or cut short', async (t) => {
  const gateway = await startTestGateway(t, { requestTimeoutMs: 50 });
  assert.match(await raw(gateway, 'HELLO\r\n\r\n'), /^HTTP\/1.1 400 .*engine-request-malformed/s);
  const long = `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`;
  assert.match(await raw(gateway, long), /^HTTP\/1.1 431 .*engine-headers-too-large/s);
  const start = `POST ${commands} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
  const slow = `${start}Content-Length: 10\r\n\r\n{`;
  assert.match(await raw(gateway, slow), /^HTTP\/1.1 408 .*engine-request-timeout/s);
  const slowHeaders = `POST ${commands} HTTP/1.1\r\nHost:`;
  assert.match(await raw(gateway, slowHeaders), /^HTTP\/1.1 408 .*engine-request-timeout/s);
  assert.equal((await gateway.call('GET', '/healthz')).status, 200);
});

test('before the hunts are read everything is not ready', async (t) => {
  const gateway = await startTestGateway(t, {}, 1, undefined, { holdHunts: true });
  assertProblem(await gateway.call('GET', '/readyz'), 503, 'engine-not-ready');
  assertProblem(await gateway.call('GET', '/v1/hunts'), 503, 'engine-not-ready');
  assertProblem(await gateway.call('GET', '/v1/hunts/other'), 503, 'engine-not-ready');
  assert.equal((await gateway.call('GET', '/healthz')).status, 200);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedConfig } from 'veltrix/config';
import { RequestTracer } from '../tracing/request-tracer.ts';
import { Sampler } from '../tracing/sampler.ts';
import type { Span } from '../tracing/span.ts';
import { DirectReply } from './direct-reply.ts';
import { commandsUrl } from './routes/command-routes.ts';
import { startTestGateway, type TestGateway } from './testing/test-gateway.ts';

/*
 * What does not pass through fastify is answered as fastify would have. A request that is injected into
 * fastify has not come by the server, so that it is fastify's for sure.
 */

const path = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: 'water' };
const unlimited = { playerRatePerSecond: 1_000_000, playerBurst: 1_000_000 };

interface Asked {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const shownHeaders = [
  ...['content-type', 'content-length', 'retry-after', 'location'],
  ...['x-content-type-options', 'referrer-policy'],
];

async function byHttp({ url }: TestGateway, { body, headers }: Asked) {
  const answer = await fetch(url + path, { method: 'POST', body, headers });
  const shown = shownHeaders.map((name) => answer.headers.get(name) ?? undefined);
  return { status: answer.status, text: await answer.text(), shown };
}

async function byFastify({ gateway }: TestGateway, { body, headers }: Asked) {
  const answer = await gateway.app.inject({ method: 'POST', url: path, payload: body, headers });
  const shown = shownHeaders.map((name) => answer.headers[name]?.toString());
  return { status: answer.statusCode, text: answer.body, shown };
}

const json = { 'content-type': 'application/json' };
const strange = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '__proto__', 'constructor', 'x'.repeat(1_025), '１', '\ufeff'),
);
const rightOr = <Value>(...right: Value[]) =>
  fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: strange });
const step = rightOr('gate', 'gate', 'gate', 'tower', 'vault', 'nowhere');
const ofType = (type: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record({ type: fc.constant(type), ...fields });
const command = fc.oneof(
  ofType('submit-answer', { step, answer: rightOr('fire') }),
  ofType('submit-answer', { step, answer: rightOr('water', 'fire', 'open', 'x'.repeat(1_025)) }),
  ofType('take-hint', { step, hint: rightOr(1, 1, 2, 9) }),
  ofType('claim-treasure', { treasure: rightOr('coin', 'dinner', 'moon') }),
  ofType('collect-treasure', { treasure: rightOr('dinner') }),
  ofType('collect-treasure', { treasure: rightOr('dinner'), more: strange }),
);
const body = fc.oneof(
  { weight: 20, arbitrary: command.map((one) => JSON.stringify(one).toWellFormed()) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `\ufeff${JSON.stringify(water)}`,
      '{"type":"submit-answer","step":"gate","answer":"a","__proto__":{}}',
      '{"type":"submit-answer","step":"gate","constructor":{"prototype":1}}',
      JSON.stringify({ ...water, answer: 'ä'.repeat(9_000) }),
    ),
  },
);

test('whatever is asked, both ways answer alike', async (t) => {
  const gateway = await startTestGateway(t, unlimited);
  const tokens: string[] = [];
  for (let team = 0; team < 16; team++) tokens.push((await gateway.join()).token);
  const credential = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...tokens) },
    { weight: 1, arbitrary: fc.constantFrom(`${tokens[0]!.slice(0, -2)}AA`, undefined) },
  );
  const more = fc.record(
    {
      prefer: fc.constantFrom('wait=1', 'wait=1', 'respond-async'),
      'hunt-timeout-ms': fc.constantFrom(...new Array<string>(15).fill('9000'), 'x'),
    },
    { requiredKeys: [] },
  );
  let key = 0;
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(body, credential, more, fc.nat(30), async (text, of, given, dice) => {
      key += 1;
      const headers = {
        ...json,
        ...given,
        // The second to ask is told what became of the first.
        'idempotency-key': dice === 0 ? `a b ${key}` : `key-${key}`,
        ...(of !== undefined && { authorization: `Bearer ${of}` }),
      };
      const [direct, routed] = [
        await byHttp(gateway, { body: text, headers }),
        await byFastify(gateway, { body: text, headers }),
      ];
      seen.set(direct.status, (seen.get(direct.status) ?? 0) + 1);
      const repeated = direct.text.replace('"repeated":false', '"repeated":true');
      const length = String(Buffer.byteLength(repeated));
      if (repeated !== direct.text) direct.shown[1] = length;
      assert.deepEqual({ ...direct, text: repeated }, routed);
    }),
    { numRuns: 400, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: true },
  );
  for (const status of [200, 202, 400, 401, 404, 409, 422, 429]) {
    assert.ok(seen.has(status), `no ${status} among ${[...seen]}`);
  }
});

interface Connected {
  readonly socket: Socket;
  /** All that has come. */
  readonly answered: () => string;
}

async function connected({ url }: TestGateway): Promise<Connected> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'connect');
  return { socket, answered: () => text };
}

/** Resolves once so many answers have come; throws where the connection ends before. */
async function untilAnswered({ socket, answered }: Connected, times: number): Promise<void> {
  while (statuses(answered()).length < times) {
    assert.ok(!socket.closed, answered());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function bytesOf(token: string, content: object | string): Buffer {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  return Buffer.from(`${head}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

const statuses = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);

test('a connection is kept after a body that is no JSON, which tells that fastify had no part in it', async (t) => {
  const gateway = await startTestGateway(t, unlimited);
  const { token } = await gateway.join();
  const connection = await connected(gateway);
  const { socket, answered } = connection;
  t.after(() => socket.destroy());
  socket.write(bytesOf(token, '{'));
  socket.write(bytesOf(token, water));
  await untilAnswered(connection, 2);
  assert.deepEqual(statuses(answered()), ['400', '200']);
  assert.match(answered(), /engine-json-invalid.*"outcome":"solved"/s);
});

test('a body that comes in pieces is put together, also within a letter', async (t) => {
  const gateway = await startTestGateway(t, unlimited);
  const { token } = await gateway.join();
  const connection = await connected(gateway);
  const { socket, answered } = connection;
  t.after(() => socket.destroy());
  socket.setNoDelay(true);
  const bytes = bytesOf(token, { ...water, answer: '  wåter'.replace('å', 'ａ') });
  const inLetter = bytes.indexOf(Buffer.from('ａ')) + 1;
  socket.write(bytes.subarray(0, inLetter));
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.write(bytes.subarray(inLetter));
  await untilAnswered(connection, 1);
  assert.match(answered(), /"outcome":"solved"/);
});

test('requests that come at once on one connection are answered in their order', async (t) => {
  const gateway = await startTestGateway(t, unlimited);
  const { token } = await gateway.join();
  const connection = await connected(gateway);
  const { socket, answered } = connection;
  t.after(() => socket.destroy());
  const unknown = { ...water, step: 'nowhere' };
  socket.write(Buffer.concat([water, unknown, water].map((one) => bytesOf(token, one))));
  await untilAnswered(connection, 3);
  assert.deepEqual(statuses(answered()), ['200', '404', '409']);
});

const incomplete = /hunt_gateway_errors_total\{[^}]*id="engine-body-incomplete"[^}]*\} (\d+)/;

async function incompleteBodies({ url }: TestGateway): Promise<number> {
  return Number(incomplete.exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? 0);
}

test('who leaves within a body is counted, who leaves before the answer is not, and neither is traced as answered', {
  timeout: 20_000,
}, async (t) => {
  const spans: Span[] = [];
  const config = fixedConfig({ sampleRatio: 1, sampledMaxPerSecond: 1_000 });
  const tracer = new RequestTracer(new Sampler({ config }), (span) => void spans.push(span));
  const gateway = await startTestGateway(t, unlimited, 1, undefined, { tracer });
  const { token } = await gateway.join();
  const bytes = bytesOf(token, { ...water, answer: 'fire' });
  const leave = async (sent: number) => {
    const { socket } = await connected(gateway);
    socket.write(bytes.subarray(0, sent));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
  };
  gateway.port.hold();
  await leave(bytes.length);
  await leave(bytes.length - 5);
  while ((await incompleteBodies(gateway)) === 0);
  gateway.port.release();
  const answer = await gateway.call('POST', path, { token, body: { ...water, step: 'nowhere' } });
  assert.equal(answer.status, 404);
  assert.equal(await incompleteBodies(gateway), 1);
  const told = spans.filter(({ name }) => name === `POST ${commandsUrl}`);
  assert.deepEqual(
    told.map(({ attributes }) => attributes['http.response.status_code']),
    [404],
  );
});

test('a length is that of the bytes', async (t) => {
  const text = '{"text":"wåter"}';
  const server = createServer((_request, response) => new DirectReply(response).send(text));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), text);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { DirectReply } from './direct-reply.ts';
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
const command = fc.record(
  {
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('submit-answer', 'take-hint', 'claim-treasure') },
      strange,
    ),
    step: fc.oneof(fc.constantFrom('gate', 'tower', 'vault'), strange),
    answer: strange,
    hint: fc.oneof(fc.integer({ min: 0, max: 9 }), strange),
    treasure: fc.oneof(fc.constantFrom('coin', 'dinner'), strange),
  },
  { requiredKeys: ['type'] },
);
const body = fc.oneof(
  { weight: 5, arbitrary: command.map((one) => JSON.stringify(one).toWellFormed()) },
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
  const { token } = await gateway.join();
  const credential = fc.constantFrom(token, token, token, `${token.slice(0, -2)}AA`, undefined);
  const more = fc.record(
    {
      prefer: fc.constantFrom('respond-async', 'wait=1'),
      'hunt-timeout-ms': fc.constantFrom('1000', '0', 'x'),
    },
    { requiredKeys: [] },
  );
  let key = 0;
  await fc.assert(
    fc.asyncProperty(body, credential, more, fc.boolean(), async (text, of, given, hasBadKey) => {
      key += 1;
      const headers = {
        ...json,
        ...given,
        // The second to ask is told what became of the first.
        'idempotency-key': hasBadKey ? `a b ${key}` : `key-${key}`,
        ...(of !== undefined && { authorization: `Bearer ${of}` }),
      };
      const [direct, routed] = [
        await byHttp(gateway, { body: text, headers }),
        await byFastify(gateway, { body: text, headers }),
      ];
      const repeated = direct.text.replace('"repeated":false', '"repeated":true');
      const length = String(Buffer.byteLength(repeated));
      if (repeated !== direct.text) direct.shown[1] = length;
      assert.deepEqual({ ...direct, text: repeated }, routed);
    }),
    { numRuns: 400, interruptAfterTimeLimit: 8_000 },
  );
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

test('who leaves within a body, or before the answer, takes nobody along', async (t) => {
  const gateway = await startTestGateway(t, unlimited);
  const { token } = await gateway.join();
  for (const cut of [20, 0]) {
    const { socket } = await connected(gateway);
    const bytes = bytesOf(token, { ...water, answer: 'fire' });
    socket.end(bytes.subarray(0, bytes.length - cut));
    socket.destroy();
    await once(socket, 'close');
  }
  const answer = await gateway.call('POST', path, { token, body: { ...water, step: 'nowhere' } });
  assert.equal(answer.status, 404);
});

test('a length is that of the bytes', async (t) => {
  const text = '{"text":"wåter"}';
  const server = createServer((_request, response) => new DirectReply(response).send(text));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), text);
});

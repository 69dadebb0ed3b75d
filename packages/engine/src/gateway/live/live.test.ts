import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.ts';

/* Live push and commands as clients see them, over real connections. */

const live = '/v1/hunts/test-hunt/live';
const water = { type: 'submit-answer', step: 'gate', answer: 'water' };

interface Message {
  readonly [member: string]: unknown;
}

/** A WebSocket whose messages are awaited one by one. */
class Client {
  readonly socket: WebSocket;
  readonly #messages: Message[] = [];
  #wake: () => void = () => {};

  constructor(t: TestContext, { url }: TestGateway, query = '', protocols: string[] = []) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}${live}${query}`, protocols);
    this.socket.on('message', (data) => {
      const message: unknown = JSON.parse(String(data));
      this.#messages.push(...((Array.isArray(message) ? message : [message]) as Message[]));
      this.#wake();
    });
    this.socket.on('error', () => {});
    t.after(() => this.socket.terminate());
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message that fits; those before it are dropped. */
  async next(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else if (fits(message)) return message;
    }
  }

  event(name: string): Promise<Message> {
    return this.next(({ event }) => event === name);
  }

  answer(id: string): Promise<Message> {
    return this.next((message) => message['id'] === id);
  }

  async closed(): Promise<{ code: number; reason: string }> {
    const [code, reason] = await once(this.socket, 'close');
    return { code, reason: String(reason) };
  }
}

test('a socket takes commands and answers each under its id, in any order', async (t) => {
  const gateway = await startTestGateway(t);
  const { token } = await gateway.join();
  const client = new Client(t, gateway);
  await once(client.socket, 'open');
  client.send({ type: 'hello', token });
  client.send({ ...water, id: 'one' });
  client.send([
    { ...water, id: 'two' },
    { ...water, step: 'nowhere', id: 'three' },
    { type: 'nonsense', id: 'four' },
  ]);
  const { commandId, ...solved } = await client.answer('one');
  assert.match(String(commandId), /^[0-9a-f]{32}$/);
  assert.deepEqual(solved, {
    id: 'one',
    status: 'accepted',
    repeated: false,
    outcome: 'solved',
    points: 10,
    total: 10,
  });
  client.send({ ...water, id: 'one' });
  assert.equal((await client.answer('one'))['repeated'], true);
});

test('answers to an array come in arrays, each with its own error', async (t) => {
  const gateway = await startTestGateway(t);
  const { token } = await gateway.join();
  const client = new Client(t, gateway, `?token=${token}`);
  await once(client.socket, 'open');
  client.send([
    { ...water, id: '1' },
    { ...water, id: '2' },
    { ...water, step: 'nowhere', id: '3' },
    { type: 'nonsense', id: '4' },
  ]);
  const codes = new Map<unknown, unknown>();
  while (codes.size < 4) {
    const { id, code, outcome } = await client.next((message) => 'id' in message);
    codes.set(id, code ?? outcome);
  }
  assert.equal(codes.get('1'), 'solved');
  assert.equal(codes.get('2'), 'rules-step-already-solved');
  assert.equal(codes.get('3'), 'rules-step-unknown');
  assert.equal(codes.get('4'), 'engine-request-invalid');
});

test('a token may come as a subprotocol', async (t) => {
  const gateway = await startTestGateway(t);
  const { token } = await gateway.join();
  const client = new Client(t, gateway, '', ['hunt.v1', `bearer.${token}`]);
  await once(client.socket, 'open');
  assert.equal(client.socket.protocol, 'hunt.v1');
  client.send({ ...water, id: 'one' });
  assert.equal((await client.answer('one'))['outcome'], 'solved');
});

test('nonsense on a socket is answered, and the socket goes on', async (t) => {
  const gateway = await startTestGateway(t);
  const { token } = await gateway.join();
  const client = new Client(t, gateway, `?token=${token}`);
  await once(client.socket, 'open');
  for (const text of ['', '{', 'null', '[null]', '7', '[[]]', '{"type":"hello"']) {
    client.socket.send(text);
    const { code } = await client.next((message) => 'code' in message);
    assert.match(String(code), /^engine-(json|request)-invalid$/);
  }
  client.socket.send(Buffer.from([0xff, 0xfe]));
  await client.next(({ code }) => code === 'engine-json-invalid');
  client.send(new Array(257).fill(water));
  await client.next(({ code }) => code === 'engine-request-invalid');
  client.send({ ...water, id: 'still' });
  assert.equal((await client.answer('still'))['outcome'], 'solved');
});

test('who says no token may watch but not play, and a wrong one ends it', async (t) => {
  const gateway = await startTestGateway(t);
  const client = new Client(t, gateway);
  assert.deepEqual((await client.event('standings'))['top'], []);
  client.send({ ...water, id: 'one' });
  assert.equal((await client.answer('one'))['code'], 'engine-token-missing');
  client.send({ type: 'hello', token: 'p1.nonsense' });
  const { code, reason } = await client.closed();
  assert.equal(code, 1008);
  assert.match(reason, /^engine-token-invalid: /);
});

test('a socket with too many unanswered commands is not read until some are answered', async (t) => {
  const gateway = await startTestGateway(t, { socketInflightMax: 4 });
  const { token } = await gateway.join();
  const client = new Client(t, gateway, `?token=${token}`);
  await once(client.socket, 'open');
  gateway.port.hold();
  for (let id = 0; id < 12; id++) client.send({ ...water, id: `${id}` });
  client.socket.ping();
  const metric = /^hunt_gateway_inflight_commands (\d+)$/m;
  const inflight = () => metric.exec(gateway.gateway.metrics.text())?.[1];
  while (inflight() !== '4') await turn();
  for (let count = 0; count < 50; count++) await turn();
  assert.equal(inflight(), '4');
  gateway.port.release();
  const ids = new Set<unknown>();
  while (ids.size < 12) ids.add((await client.next((message) => 'id' in message))['id']);
});

test('a command that waited on its socket for longer than its sender is not handed over', async (t) => {
  const server = await startTestGateway(t, { socketInflightMax: 1 });
  const { token } = await server.join();
  const client = new Client(t, server, `?token=${token}`);
  await once(client.socket, 'open');
  server.port.hold();
  // Four messages at once: the last three have been read when the first stops the reading.
  const stream = (client.socket as unknown as { readonly _socket: Socket })._socket;
  stream.cork();
  client.send({ ...water, id: 'first' });
  client.send({ ...water, id: 'late', timeoutMs: 50 });
  client.send([{ ...water, id: 'patient', timeoutMs: 60_000 }]);
  client.send({ ...water, id: 'silent' });
  stream.uncork();
  while (server.port.heldRecords === 0) await turn();
  const readAt = performance.now();
  while (performance.now() < readAt + 50) await turn();
  const sent = () => sentCommands(server);
  const before = sent();
  server.port.release();
  const late = await client.answer('late');
  assert.deepEqual([late['code'], late['retry']], ['engine-deadline-passed', 'same-id']);
  for (const id of ['patient', 'silent']) {
    assert.equal((await client.answer(id))['code'], 'rules-step-already-solved', id);
  }
  assert.equal(sent() - before, 2);
  const page = server.gateway.metrics.text();
  assert.match(page, /^hunt_gateway_late_requests_total\{of="command"\} 1$/m);
  client.send({ ...water, id: 'late', timeoutMs: 60_000 });
  assert.equal((await client.answer('late'))['repeated'], false);
  for (const timeoutMs of [0, 1.5, '50', 1e9]) {
    client.send({ ...water, id: 'wrong', timeoutMs });
    assert.equal((await client.answer('wrong'))['code'], 'engine-request-invalid');
  }
});

function sentCommands({ gateway }: TestGateway): number {
  return Number(
    /^hunt_gateway_commands_total\{result="sent"\} (\d+)$/m.exec(gateway.metrics.text())![1],
  );
}

test('everybody sees the standings move, and the team its own events', async (t) => {
  const gateway = await startTestGateway(t, { liveIntervalMs: 10 }, 4);
  const { token, team } = await gateway.join();
  const spectator = new Client(t, gateway);
  const player = new Client(t, gateway, `?token=${token}`);
  await Promise.all([spectator.event('standings'), player.event('standings')]);
  const other = await gateway.join();
  const commands = '/v1/hunts/test-hunt/commands';
  await gateway.call('POST', commands, { token: other.token, body: water });
  await gateway.call('POST', commands, { token, body: water });
  const claim = { type: 'claim-treasure', treasure: 'coin' };
  await gateway.call('POST', commands, { token, body: claim });
  const { cursor, at, ...solved } = await player.event('team');
  assert.deepEqual(solved, { event: 'team', outcome: 'solved', step: 'gate', points: 10 });
  assert.match(String(cursor), /^\d+\.\d+$/);
  assert.match(String(at), /Z$/);
  const granted = await player.event('team');
  assert.equal(granted['outcome'], 'granted');
  assert.equal(granted['treasure'], 'coin');
  const isBoth = ({ event, top }: Message) =>
    event === 'standings' &&
    (top as { team: string; points: number }[]).filter(({ points }) => points === 10).length === 2;
  const { top } = await spectator.next(isBoth);
  assert.ok((top as { team: string }[]).some((row) => row.team === team));
});

test('a broken connection resumes from its cursor, over a socket and over server-sent events', async (t) => {
  const gateway = await startTestGateway(t);
  const { token } = await gateway.join();
  const commands = '/v1/hunts/test-hunt/commands';
  const first = new Client(t, gateway, `?token=${token}`);
  await first.event('standings');
  await gateway.call('POST', commands, { token, body: { ...water, answer: 'fire' } });
  const { cursor } = await first.event('team');
  first.socket.terminate();
  const hint = { type: 'take-hint', step: 'gate', hint: 1 };
  await gateway.call('POST', commands, { token, body: hint });
  const second = new Client(t, gateway, `?token=${token}&cursor=${cursor}`);
  assert.equal((await second.event('team'))['outcome'], 'hint-taken');
  const events = await readEvents(gateway, token, String(cursor), 2);
  const missed = events.find(({ event }) => event === 'team')!;
  assert.equal(missed.data['outcome'], 'hint-taken');
  assert.match(missed.id ?? '', /^\d+\.\d+$/);
  const third = new Client(t, gateway, `?token=${token}&cursor=0.0`);
  assert.deepEqual((await third.event('reset'))['version'], 2);
});

/** The first events of a stream of server-sent events. */
async function readEvents({ url }: TestGateway, token: string, cursor: string, count: number) {
  const abort = new AbortController();
  const response = await fetch(url + live, {
    headers: { authorization: `Bearer ${token}`, 'last-event-id': cursor },
    signal: abort.signal,
  });
  assert.match(response.headers.get('content-type')!, /^text\/event-stream/);
  let text = '';
  const events = [];
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2)) as never);
      if (!fields.has('data')) continue;
      const data = JSON.parse(fields.get('data') as string) as Message;
      events.push({ event: fields.get('event'), id: fields.get('id') as string, data });
    }
    if (events.length >= count) break;
  }
  abort.abort();
  return events;
}

test('there is a limit to live connections', async (t) => {
  const gateway = await startTestGateway(t, { liveConnectionsMax: 1 });
  const first = new Client(t, gateway);
  await first.event('standings');
  const second = await gateway.call('GET', live);
  assert.deepEqual([second.status, second.body.code], [503, 'engine-live-too-many']);
  const third = new Client(t, gateway);
  const [, response] = await once(third.socket, 'unexpected-response');
  assert.equal(response.statusCode, 503);
  first.socket.close();
  await once(first.socket, 'close');
  while (!gateway.gateway.metrics.text().includes('hunt_gateway_live_connections 0')) await turn();
  await new Client(t, gateway).event('standings');
});

test('draining closes live connections as going away', async (t) => {
  const gateway = await startTestGateway(t);
  const client = new Client(t, gateway);
  await client.event('standings');
  const closed = client.closed();
  await gateway.gateway.drain();
  assert.equal((await closed).code, 1001);
});

test('an upgrade elsewhere is refused', async (t) => {
  const gateway = await startTestGateway(t);
  for (const path of ['/v1/hunts', '/v1/hunts/test-hunt/live/more', '/v1/hunts/none/live']) {
    const socket = new WebSocket(gateway.url.replace('http', 'ws') + path);
    socket.on('error', () => {});
    const [, response] = await once(socket, 'unexpected-response');
    assert.ok([400, 404].includes(response.statusCode));
    assert.match(response.headers['content-type'], /^application\/problem\+json/);
    socket.terminate();
  }
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

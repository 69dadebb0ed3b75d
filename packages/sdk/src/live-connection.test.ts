// A real WebSocket server; the test holds its end of each connection and waits for what must come.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import type { LiveEvent, LiveOptions } from './live-connection.ts';
import { createPlayerClient } from './player-client.ts';

/** Things that came, to be taken in order, now or once they are there. */
class Inbox<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker(item);
  }

  take(): Promise<T> {
    const item = this.#items.shift();
    return item !== undefined
      ? Promise.resolve(item)
      : new Promise((resolve) => this.#takers.push(resolve));
  }
}

interface Peer {
  readonly url: string;
  readonly socket: ServerSocket;
  readonly messages: Inbox<Record<string, unknown>>;
  tell(message: unknown): void;
}

async function liveTo(context: TestContext, more: Partial<LiveOptions> = {}) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const peers = new Inbox<Peer>();
  server.on('connection', (socket, request) => {
    const messages = new Inbox<Record<string, unknown>>();
    socket.on('message', (data) => messages.put(JSON.parse(String(data))));
    const tell = (message: unknown) => socket.send(JSON.stringify(message));
    peers.put({ url: request.url ?? '', socket, messages, tell });
  });
  await once(server, 'listening');
  const events = new Inbox<LiveEvent>();
  const states: string[] = [];
  const ended = new Inbox<string>();
  const live = createPlayerClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hunt: 'h',
    token: 'p1.token',
    retry: { wait: async (_, signal) => signal?.throwIfAborted() },
  }).live({
    onEvent: (event) => events.put(event),
    onState: (state, reason) => {
      states.push(state);
      if (state === 'closed') ended.put(reason?.code ?? 'asked for');
    },
    ...more,
  });
  context.after(async () => {
    live.close();
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  return { live, peers, events, states, ended };
}

const claim = { type: 'claim-treasure', treasure: 'lamp' } as const;
const granted = { commandId: 'ff', status: 'accepted', repeated: false, outcome: 'granted' };

test('the token is in the first message, never in the address', async (t) => {
  const { peers } = await liveTo(t);
  const peer = await peers.take();
  assert.deepEqual(await peer.messages.take(), { type: 'hello', token: 'p1.token' });
  assert.equal(peer.url, '/v1/hunts/h/live');
});

test('commands are pipelined and answered in any order, one by one or as a list', async (t) => {
  const { live, peers } = await liveTo(t);
  const peer = await peers.take();
  const answers = ['a', 'b', 'c'].map((id) => live.send({ ...claim, id }));
  await peer.messages.take();
  for (const id of ['a', 'b', 'c']) assert.deepEqual(await peer.messages.take(), { ...claim, id });
  peer.tell([
    { id: 'c', ...granted, number: 3 },
    { id: 'b', code: 'engine-body-invalid' },
  ]);
  peer.tell({ id: 'a', ...granted, number: 1 });
  const [a, b, c] = await Promise.all(answers);
  assert.deepEqual(a, { ...granted, number: 1 });
  assert.equal(b?.status, 'not-taken');
  assert.equal(c?.['number'], 3);
});

test('after a loss it resumes from the last cursor and repeats what is unanswered', async (t) => {
  const { live, peers, events, states } = await liveTo(t, { cursor: '7' });
  const first = await peers.take();
  assert.equal(first.url, '/v1/hunts/h/live?cursor=7');
  first.tell({ event: 'standings', cursor: '8', version: 1, top: [] });
  assert.equal((await events.take())['version'], 1);
  const answer = live.send({ ...claim, id: 'once' });
  await first.messages.take();
  await first.messages.take();
  first.socket.terminate();

  const second = await peers.take();
  assert.equal(second.url, '/v1/hunts/h/live?cursor=8');
  assert.equal((await second.messages.take())['type'], 'hello');
  assert.equal((await second.messages.take())['id'], 'once');
  second.tell({ id: 'once', ...granted, repeated: true });
  assert.equal((await answer)['repeated'], true);
  assert.deepEqual(states, ['connecting', 'open', 'connecting', 'open']);
});

test('a connection refused by policy ends for good, with the error id of the reason', async (t) => {
  const { live, peers, ended } = await liveTo(t);
  const peer = await peers.take();
  const answer = live.send(claim);
  answer.catch(() => undefined);
  peer.socket.close(1008, 'engine-token-expired');
  assert.equal(await ended.take(), 'engine-token-expired');
  await assert.rejects(answer, { code: 'engine-token-expired' });
  await assert.rejects(live.send(claim), { code: 'sdk-live-closed' });
});

test('closing ends what waits', async (t) => {
  const { live, peers, ended } = await liveTo(t);
  await peers.take();
  const answer = live.send(claim);
  live.close();
  await assert.rejects(answer, { code: 'sdk-live-closed' });
  assert.equal(await ended.take(), 'asked for');
});

test('a command with a time says what is left of it, also when it is sent again, and ends with it', async (t) => {
  const { live, peers } = await liveTo(t);
  const first = await peers.take();
  await first.messages.take();
  const patient = live.send({ ...claim, id: 'patient' }, { timeoutMs: 60_000 });
  const brief = live.send({ ...claim, id: 'brief' }, { timeoutMs: 300 });
  const leftOf = ({ timeoutMs }: Record<string, unknown>) => Number(timeoutMs);
  const before = leftOf(await first.messages.take());
  assert.ok(before > 300 && before <= 60_000, `${before}`);
  assert.ok(leftOf(await first.messages.take()) <= 300);
  await assert.rejects(brief, { code: 'sdk-timeout', retry: 'same-id' });
  first.socket.terminate();

  // Whoever has given up is not asked for again.
  const second = await peers.take();
  await second.messages.take();
  const { id, ...again } = await second.messages.take();
  assert.equal(id, 'patient');
  assert.ok(leftOf(again) < before, `${leftOf(again)} of ${before}`);
  second.tell([
    { id: 'brief', ...granted },
    { id: 'patient', ...granted },
  ]);
  assert.equal((await patient).status, 'accepted');
  const once = live.send({ ...claim, id: 'brief' });
  assert.deepEqual(await second.messages.take(), { ...claim, id: 'brief' });
  second.tell({ id: 'brief', ...granted });
  assert.equal((await once).status, 'accepted');
});

test('commands under way are limited, and an id waits once', async (t) => {
  const { live } = await liveTo(t, { inflightMax: 2 });
  const waiting = [live.send({ ...claim, id: '1' }), live.send({ ...claim, id: '2' })];
  for (const one of waiting) one.catch(() => undefined);
  await assert.rejects(live.send({ ...claim, id: '1' }), { code: 'sdk-live-id-waiting' });
  await assert.rejects(live.send(claim), { code: 'sdk-live-inflight-full' });
});

test('what is not JSON, or answers nothing that was asked, changes nothing', async (t) => {
  const { peers, events } = await liveTo(t);
  const peer = await peers.take();
  peer.socket.send('{');
  peer.tell({ id: 'unknown', ...granted });
  peer.tell([null, 3, { event: 'team', cursor: '1', outcome: 'solved' }]);
  assert.equal((await events.take())['outcome'], 'solved');
});

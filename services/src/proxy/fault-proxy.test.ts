import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { FaultProxy } from './fault-proxy.ts';

/** A server that sends back what it gets, and a proxy before it. */
async function echoBehindProxy(t: TestContext): Promise<FaultProxy> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await FaultProxy.listen(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(async () => {
    await proxy.close();
    for (const socket of open) socket.destroy();
    server.close();
  });
  return proxy;
}

/** A client that keeps what it got. */
class Client {
  readonly socket: Socket;
  got = '';
  error: NodeJS.ErrnoException | undefined;

  constructor(proxy: FaultProxy, t: TestContext) {
    this.socket = connect({ port: Number(proxy.address.split(':')[1]), host: '127.0.0.1' });
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      this.got += text;
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    t.after(() => this.socket.destroy());
  }

  async echoes(text: string): Promise<void> {
    const want = this.got + text;
    this.socket.write(text);
    await eventually('it comes about', () => this.got === want);
  }
}

test('bytes pass unchanged and in order, also more than fits at once', async (t) => {
  const proxy = await echoBehindProxy(t);
  const client = new Client(proxy, t);
  await client.echoes('hello');
  const much = Array.from({ length: 400_000 }, (_, index) => `${index};`).join('');
  await client.echoes(much);
  client.socket.end();
  await eventually('it comes about', () => proxy.connections === 0);
});

test('a cut link is reset, refuses, and heals', async (t) => {
  const proxy = await echoBehindProxy(t);
  const client = new Client(proxy, t);
  await client.echoes('before');
  proxy.cut();
  await eventually('it comes about', () => client.error?.code === 'ECONNRESET');
  const refused = new Client(proxy, t);
  await eventually('it comes about', () => refused.error !== undefined);
  proxy.heal();
  await new Client(proxy, t).echoes('after');
});

test('what is held arrives when the link heals, on old connections and on new ones', async (t) => {
  const proxy = await echoBehindProxy(t);
  const old = new Client(proxy, t);
  await old.echoes('a');
  proxy.hold();
  old.socket.write('b');
  const fresh = new Client(proxy, t);
  fresh.socket.write('c');
  // A link that does work says when enough time has passed for the held one to have leaked.
  const other = await echoBehindProxy(t);
  await new Client(other, t).echoes('control');
  assert.deepEqual([old.got, fresh.got], ['a', '']);
  proxy.heal();
  await eventually('it comes about', () => old.got === 'ab' && fresh.got === 'c');
});

test('one direction alone can be held', async (t) => {
  const received: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      received.push(text);
      socket.write('answer');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await FaultProxy.listen(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(async () => {
    await proxy.close();
    server.close();
  });
  const client = new Client(proxy, t);
  proxy.hold('to-client');
  client.socket.write('question');
  await eventually('it comes about', () => received.join('') === 'question');
  assert.equal(client.got, '');
  proxy.heal();
  await eventually('it comes about', () => client.got === 'answer');
});

test('a slow link delivers late, whole and in order', async (t) => {
  const proxy = await echoBehindProxy(t);
  const client = new Client(proxy, t);
  proxy.slow(40);
  const startedAt = performance.now();
  for (const text of ['one ', 'two ', 'three']) client.socket.write(text);
  await eventually('it comes about', () => client.got === 'one two three');
  // Once on the way there and once back. A timer may be a millisecond early.
  assert.ok(performance.now() - startedAt >= 78);
});

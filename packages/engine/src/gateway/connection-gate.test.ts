/*
 * How connections end when a gateway stops, on real sockets. No limit that would end them by itself can pass within a
 * test: what ends at once does so although requests may take ten minutes.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from 'veltrix';
import { startTestGateway, type TestGateway } from './testing/test-gateway.ts';

const waitMaxMs = 60_000;
const limits = { requestTimeoutMs: 600_000, keepAliveMs: 600_000, waitMaxMs };
const within = { timeout: 60_000 };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Caller {
  readonly socket: Socket;
  /** What the server has of it. */
  readonly served: Socket;
  /** What came back so far. */
  text(): string;
  readonly closed: Promise<unknown>;
}

async function call(t: TestContext, { gateway, url }: TestGateway, says = ''): Promise<Caller> {
  const accepted = once(gateway.app.server, 'connection') as Promise<[Socket]>;
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(says);
  const [served] = await accepted;
  while (served.bytesRead < says.length) await turn();
  return { socket, served, text: () => text, closed };
}

async function heard(caller: Caller, what: RegExp): Promise<void> {
  while (!what.test(caller.text())) await turn();
}

/** A read that is answered when `release` is called. */
async function heldRead(t: TestContext, server: TestGateway) {
  const { token } = await server.join();
  const asked = server.port.team.bind(server.port);
  const held = Promise.withResolvers<void>();
  const reading = Promise.withResolvers<void>();
  server.port.team = async (...team) => {
    reading.resolve();
    await held.promise;
    return asked(...team);
  };
  t.after(() => held.resolve());
  const headers = `host: x\r\nauthorization: Bearer ${token}\r\n\r\n`;
  const caller = await call(t, server, `GET /v1/hunts/test-hunt/me HTTP/1.1\r\n${headers}`);
  await reading.promise;
  return { caller, release: () => held.resolve() };
}

test('who has asked nothing yet, or nothing more, does not hold up a stop', within, async (t) => {
  const server = await startTestGateway(t, limits);
  const silent = await call(t, server);
  const idle = await call(t, server, 'GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n');
  await heard(idle, /"ready"/);
  await server.gateway.close();
  await Promise.all([silent.closed, idle.closed]);
});

test(
  'what is asked when a stop begins is answered, and its connection then ends',
  within,
  async (t) => {
    const server = await startTestGateway(t, limits);
    const { caller, release } = await heldRead(t, server);
    const closing = server.gateway.close();
    for (let turns = 0; turns < 100; turns++) await turn();
    assert.equal(caller.served.destroyed, false);
    release();
    await Promise.all([closing, caller.closed]);
    assert.match(caller.text(), /^HTTP\/1\.1 200 .*"team"/s);
  },
);

test(
  'a request of which only a part has come is waited for until the limit, and then cut',
  within,
  async (t) => {
    let passLimit = () => {};
    // Before the gateway's own, so that it ends where the test fails.
    t.after(() => passLimit());
    const clock: Clock = {
      now: () => systemClock.now(),
      defer: (task) => systemClock.defer(task),
      after(delayMs, run) {
        if (delayMs !== waitMaxMs) return systemClock.after(delayMs, run);
        passLimit = run;
        return () => {};
      },
    };
    const server = await startTestGateway(t, limits, 1, undefined, { clock });
    const callers = [
      await call(t, server, 'GET /readyz HT'),
      await call(
        t,
        server,
        'POST /v1/hunts/test-hunt/players HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
      ),
    ];
    const closing = server.gateway.close();
    for (let turns = 0; turns < 100; turns++) await turn();
    assert.deepEqual(
      callers.map(({ served }) => served.destroyed),
      [false, false],
    );
    callers[0]!.socket.write('TP/1.1\r\nhost: x\r\n\r\n');
    await callers[0]!.closed;
    assert.match(callers[0]!.text(), /^HTTP\/1\.1 503 .*engine-draining/s);
    passLimit();
    await Promise.all([closing, callers[1]!.closed]);
    assert.equal(callers[1]!.text(), '');
  },
);

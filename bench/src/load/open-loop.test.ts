import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { openLoop } from './open-loop.ts';
import { NumberedRequest } from './request.ts';

const connections = 2;
const requests = [new NumberedRequest('GET /############ HTTP/1.1\r\nHost: x\r\n\r\n')];

/** Answers each request so, or none. */
function serverFor(t: TestContext, answer: string | undefined): Promise<number> {
  return serverWith(t, (socket) => {
    socket.on('data', () => {
      if (answer !== undefined) socket.write(answer);
    });
  });
}

async function serverWith(
  t: TestContext,
  onConnection: (socket: net.Socket, number: number) => void,
): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket, sockets.size);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

const load = { connections, requests, perSecond: 200, seconds: 0.5, warmUpSeconds: 0 };

test('what is due while every connection waits is not sent, and counted so, where it is dropped', async (t) => {
  const port = await serverFor(t, undefined);
  const result = await openLoop({ ...load, port, whenBusy: 'drop' });
  assert.ok(result.offered > connections && result.offered <= 100, `${result.offered} offered`);
  assert.equal(result.unsent, result.offered - connections);
  assert.deepEqual([result.byStatus, result.p99Ms, result.goodPerSecond], [{}, 0, 0]);
});

test('who was never answered waited until the end, where it is queued', async (t) => {
  const port = await serverFor(t, undefined);
  const result = await openLoop({ ...load, port, whenBusy: 'queue' });
  assert.equal(result.unsent, 0);
  assert.ok(result.p50Ms > 0 && result.p99Ms > result.p50Ms);
  assert.deepEqual([result.byStatus, result.lostConnections], [{}, 0]);
});

test('good answers and others are told apart, and whoever is answered is sent again', async (t) => {
  for (const [status, good] of [
    ['200 OK', true],
    ['503 Busy', false],
  ] as const) {
    const port = await serverFor(t, `HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\n{}`);
    const result = await openLoop({ ...load, port, whenBusy: 'queue' });
    const answers = result.byStatus[Number(status.slice(0, 3))] ?? 0;
    assert.ok(answers > connections, `${answers} answers`);
    assert.equal(result.goodPerSecond, good ? answers / load.seconds : 0);
  }
});

test('a server that ends connections is counted, and nothing is sent on them', async (t) => {
  const port = await serverFor(
    t,
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  );
  // So many that always some are due when an answer comes.
  const result = await openLoop({ ...load, port, perSecond: 200_000, whenBusy: 'drop' });
  assert.equal(result.lostConnections, connections);
  assert.equal(result.byStatus[200], connections);
  assert.equal(result.unsent, result.offered - connections);
});

test('a connection that is lost while others still open is counted, and carries nothing', async (t) => {
  // Some hundred open at a time: long after the first one was lost, the last ones do.
  const many = 601;
  const port = await serverWith(t, (socket, number) => {
    if (number === 1) socket.destroy();
    else socket.resume();
  });
  const perSecond = 3_000;
  const result = await openLoop({ ...load, port, perSecond, connections: many, whenBusy: 'drop' });
  assert.equal(result.lostConnections, 1);
  assert.equal(result.offered - result.unsent, many - 1);
});

test('what a lost connection carried has no latency', async (t) => {
  const port = await serverWith(t, (socket) => socket.on('data', () => socket.destroy()));
  const result = await openLoop({ ...load, port, perSecond: 4, whenBusy: 'queue' });
  assert.deepEqual([result.lostConnections, result.p99Ms, result.byStatus], [2, 0, {}]);
});

test('how late requests are sent is told, also by a generator that is held up', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';
  const port = await serverFor(t, answer);
  const holdUp = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  const calm = { ...load, port, connections: 100, seconds: 1.5, whenBusy: 'queue' } as const;
  const held = await openLoop({ ...calm, onSecond: holdUp });
  assert.ok(held.sentLateP99Ms >= 50, `${held.sentLateP99Ms} ms`);
});

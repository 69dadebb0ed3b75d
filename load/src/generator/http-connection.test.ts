import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ConnectionListener, HttpConnection } from './http-connection.ts';

/** What each of these connections was told, in order. */
async function conversation(
  t: TestContext,
  onConnection: (socket: net.Socket) => void,
  bodyMost?: number,
) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as net.AddressInfo;
  const told: string[] = [];
  const open = (number: number) =>
    new Promise<void>((resolve) => {
      const listener: ConnectionListener = {
        onOpen: () =>
          connection.send(number % 2 === 0 ? `${number}\n` : Buffer.from(`${number}\n`)),
        onAnswer: ({ status, body }) => told.push(`${number} ${status} ${body}`),
        onClosed: (reason) => {
          told.push(`${number} ${reason}`);
          resolve();
        },
      };
      const target = { host: '127.0.0.1', port, isSecure: false };
      const connection = new HttpConnection(target, listener, bodyMost);
      t.after(() => connection.destroy());
    });
  return { told, open };
}

const answer = (body: string, more = '') =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}${more}\r\n\r\n${body}`;

/** Reads a line, and answers it in two pieces with a turn between them. */
function echoInPieces(socket: net.Socket): void {
  socket.setNoDelay(true).once('data', (line) => {
    const text = answer(String(line).trim().repeat(50), '\r\nConnection: close');
    socket.write(text.slice(0, 70));
    setImmediate(() => socket.end(text.slice(70)));
  });
}

test('connections that read into the same bytes have answers of their own', async (t) => {
  const { told, open } = await conversation(t, echoInPieces);
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  await Promise.all(numbers.map(open));
  const expected = numbers.flatMap((number) => [
    `${number} 200 ${String(number).repeat(50)}`,
    `${number} the server closed it after an answer`,
  ]);
  assert.deepEqual(told.toSorted(), expected.toSorted());
});

test('of a body no more is kept than is wanted', async (t) => {
  const { told, open } = await conversation(t, echoInPieces, 0);
  await open(7);
  assert.equal(told[0], '7 200 ');
});

test('a body without a length ends with the connection', async (t) => {
  const { told, open } = await conversation(t, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nabc'));
  });
  await open(1);
  assert.deepEqual(told, ['1 200 abc', '1 the server closed it after an answer']);
});

test('what is no HTTP closes it, with what was wrong, once', async (t) => {
  const { told, open } = await conversation(t, (socket) => {
    // More of it comes after the connection was given up.
    socket.once('data', () => socket.write('SSH-2.0\r\n\r\n'.repeat(10_000)));
  });
  await open(1);
  assert.deepEqual(told, ['1 the answer is not one of HTTP/1.1']);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { SocketConnection } from './socket-connection.ts';

/** Of up to 125 bytes. */
const text = (json: string) => `\x81${String.fromCharCode(json.length)}${json}`;

const answers = [
  text('{"id":"k000000000001","commandId":"a"}'),
  text('{"id":"k000000000002","code":"overloaded"}'),
  text('{"event":"team","a":1}'),
  '\x89\x00',
  text('{"id":"k000000000003","commandId":"b"}'),
];
/** An outcome that takes more than one byte to say its size. */
const long = `{"id":"k000000000004","commandId":"c","x":"${'y'.repeat(171)}"}`;
const body = `${answers.join('')}\x81\x7e\x00${String.fromCharCode(long.length)}${long}`;

for (const [how, parts] of [
  ['at once', [body]],
  ['byte by byte', [...body]],
] as const) {
  test(`answers, refusals and events that come ${how} are told apart`, {
    timeout: 30_000,
  }, async (t) => {
    const server = net.createServer(async (socket) => {
      socket.on('error', () => {});
      await once(socket, 'data');
      socket.setNoDelay(true);
      for (const part of ['HTTP/1.1 101 Switching Protocols\r\n\r\n', ...parts]) {
        socket.write(part, 'latin1');
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end();
    });
    t.after(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const counted = { answers: 0, refused: 0 };
    const lost = Promise.withResolvers<void>();
    const connection = new SocketConnection(port, 'token', {
      onAnswers: (_connection, all, refused) => {
        counted.answers += all;
        counted.refused += refused;
      },
      onLost: () => lost.resolve(),
    });
    await connection.opened;
    await lost.promise;
    assert.deepEqual(
      { ...counted, events: connection.events },
      { answers: 4, refused: 1, events: 1 },
    );
  });
}

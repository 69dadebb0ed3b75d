import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from 'veltrix';
import { WebSocket, WebSocketServer } from 'ws';
import { LiveMessage } from './live-message.ts';
import { SocketConnection } from './socket-connection.ts';

/* Frames that are made here, not by the WebSocket library, are read by one. */

test('a shared message of any length comes whole, between what is sent otherwise', {
  timeout: 30_000,
}, async (t) => {
  const sizes = [1, 60, 125, 126, 127, 1_000, 65_535, 65_536, 200_000];
  const messages = sizes.map(
    (size) => new LiveMessage('standings', JSON.stringify({ top: 'é'.repeat(size / 2) })),
  );
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer();
  server.on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const connection = new SocketConnection(socket, stream, systemClock);
      connection.send('team', '1', '{"before":true}');
      for (const [index, message] of messages.entries()) {
        connection.sendShared(message);
        connection.sendText(`{"after":${index}}`);
      }
      connection.close(new Error('done'));
      // The other side has been told that it is over.
      connection.sendShared(messages[0]!);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: unknown[] = [];
  client.on('message', (data, isBinary) => {
    assert.equal(isBinary, false);
    received.push(JSON.parse(String(data)));
  });
  await new Promise((resolve, reject) => {
    client.on('close', resolve);
    client.on('error', reject);
  });
  assert.deepEqual(received, [
    { event: 'team', cursor: '1', before: true },
    ...messages.flatMap(({ membersJson }, index) => [
      { event: 'standings', ...JSON.parse(membersJson) },
      { after: index },
    ]),
  ]);
});

test('server-sent events are those of a message alone, without an id', () => {
  const message = new LiveMessage('standings', '{"top":[]}');
  assert.equal(message.sseEvent.toString(), 'event: standings\ndata: {"top":[]}\n\n');
  assert.equal(message.sseEvent, message.sseEvent);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { LiveReader, type LiveReaderKind } from './live-reader.ts';

/** What each kind is sent, byte by byte apart from the head, and the standings in it. */
const streams: Readonly<Record<LiveReaderKind, { head: string; body: string; seen: string[] }>> = {
  socket: {
    head: 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    body: `\x81\x16{"event":"team","a":1}\x89\x00\x81\x7e\x00\xd0${socketStandings()}`,
    seen: [socketStandings()],
  },
  events: {
    head: 'HTTP/1.1 200 OK\r\n\r\n',
    body: '9\r\nretry: 1\n\n\r\n25\r\nevent: standings\ndata: {"top":[]}\n\n\r\n3\r\n:\n\n\r\n',
    seen: ['{"top":[]}'],
  },
};

function socketStandings(): string {
  return `{"event":"standings","top":[],"x":"${'y'.repeat(171)}"}`;
}

for (const [kind, { head, body, seen }] of Object.entries(streams)) {
  test(`a reader of ${kind} finds standings however they are cut`, {
    timeout: 30_000,
  }, async (t) => {
    const server = net.createServer(async (socket) => {
      socket.on('error', () => {});
      await once(socket, 'data');
      socket.write(head, 'latin1');
      socket.setNoDelay(true);
      for (const sign of body) {
        socket.write(sign, 'latin1');
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end();
    });
    t.after(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const found: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const reader = new LiveReader(kind as LiveReaderKind, port, {
        onStandings: (_reader, json) => found.push(json),
        onLost: () => resolve(),
      });
      reader.opened.catch(reject);
    });
    assert.deepEqual(found, seen);
  });
}

import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { until } from '../testing/until.ts';
import { InternalServer } from './internal-server.ts';
import { NodeLifelines } from './node-lifelines.ts';
import { freeAddress } from './testing/free-address.ts';

const key = new Uint8Array(32).fill(3);

suite('lifelines', () => {
  test('a process that was reached and then listens no more is told to have died, once', async () => {
    const address = await freeAddress();
    const server = await InternalServer.listen({ address, handlers: {}, key });
    let deaths = 0;
    new NodeLifelines(key).hold({ address }, () => {
      deaths += 1;
    });
    await until(() => server.lives === 1, 'held');
    await server.close();
    await until(() => deaths === 1, 'told');
    const again = await InternalServer.listen({ address, handlers: {}, key });
    assert.equal(again.lives, 0);
    await again.close();
    assert.equal(deaths, 1);
  });

  test('a process that was never reached, or that knows another key, is not', async () => {
    const address = await freeAddress();
    const tries: Socket[] = [];
    const lifelines = new NodeLifelines(new Uint8Array(32).fill(4));
    const letGo = lifelines.hold({ address }, () => assert.fail('it never lived'));
    const server = await InternalServer.listen({ address, handlers: {}, key });
    const letGoToo = lifelines.hold({ address }, () => assert.fail('it was never held'));
    const { status } = await fetch(`http://${address}/internal/life`, { method: 'POST' });
    assert.deepEqual([status, server.lives], [401, 0]);
    await server.close();
    const silent = createServer((socket) => tries.push(socket));
    silent.listen(Number(address.split(':')[1]), '127.0.0.1');
    await until(() => tries.length > 0, 'tried again');
    letGo();
    letGoToo();
    for (const socket of tries) socket.destroy();
    silent.close();
  });

  test('an address that is none is no reason to fail', () => {
    const dies = () => assert.fail('it never lived');
    for (const address of ['', 'nowhere', '127.0.0.1:99999']) {
      new NodeLifelines(key).hold({ address }, dies)();
    }
  });

  test('a connection that breaks while the process listens is made again', async () => {
    const address = await freeAddress();
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket
        .on('error', () => {})
        .on('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n');
        });
    });
    server.listen(Number(address.split(':')[1]), '127.0.0.1');
    const letGo = new NodeLifelines(key).hold({ address }, () => assert.fail('it lives'));
    for (let breaks = 1; breaks <= 4; breaks++) {
      await until(() => (sockets[breaks - 1]?.bytesWritten ?? 0) > 0, 'held');
      sockets[breaks - 1]!.resetAndDestroy();
      await until(() => sockets.length > breaks, 'made again');
    }
    letGo();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

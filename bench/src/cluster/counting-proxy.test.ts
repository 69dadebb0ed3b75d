import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { CountingProxy } from './counting-proxy.ts';

function frame(bytes: number): Buffer {
  const whole = Buffer.alloc(4 + bytes, 1);
  whole.writeUInt32BE(bytes);
  return whole;
}

test('frames are counted both ways, wherever they are cut', async () => {
  const echo = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as net.AddressInfo;
  const proxy = await CountingProxy.start(`127.0.0.1:${port}`);
  const [host, proxied] = proxy.address.split(':');
  const client = net.connect({ host: host!, port: Number(proxied) });
  const sent = Buffer.concat([frame(0), frame(300), frame(7)]);
  let received = 0;
  client.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  for (const cut of [2, 5, 9, 200, sent.length]) {
    const from = [0, 2, 5, 9, 200][[2, 5, 9, 200, sent.length].indexOf(cut)]!;
    client.write(sent.subarray(from, cut));
    while (received < cut) await once(client, 'data');
  }
  assert.deepEqual(proxy.traffic, { messages: 6, bytes: 2 * sent.length });
  client.destroy();
  await proxy.stop();
  echo.close();
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { CountingProxy } from './counting-proxy.ts';
import { ZooKeeperFrames } from './zookeeper-frames.ts';

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
  const sent = Buffer.concat([frame(4), frame(300), frame(7)]);
  let received = 0;
  client.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  const cuts = [2, 5, 9, 200, sent.length];
  for (const [index, cut] of cuts.entries()) {
    const from = cuts[index - 1] ?? 0;
    client.write(sent.subarray(from, cut));
    while (received < cut) await once(client, 'data');
  }
  const { messages, bytes, byKind } = proxy.traffic;
  assert.deepEqual([messages, bytes], [6, 2 * sent.length]);
  const kinds = [...byKind.values()];
  assert.equal(
    kinds.reduce((sum, kind) => sum + kind.bytes, 0),
    bytes,
  );
  client.destroy();
  await proxy.stop();
  echo.close();
});

/** A request with its number and kind, or an answer, whose kind nobody reads. */
function message(number: number, kind = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(number);
  head.writeInt32BE(kind, 4);
  return head;
}

test('a frame that is too short for a number is another', () => {
  const frames = new ZooKeeperFrames();
  assert.deepEqual([frames.asked(message(0)), frames.answered(message(0))], ['session', 'session']);
  for (const bytes of [0, 1, 3]) {
    const short = message(1, 4).subarray(0, bytes);
    assert.deepEqual([frames.asked(short), frames.answered(short)], ['other', 'other']);
  }
});

test('an answer has the name of its request, whatever comes between; what nobody asked for is an event', () => {
  const frames = new ZooKeeperFrames();
  assert.equal(frames.asked(message(0)), 'session');
  assert.equal(frames.answered(message(0)), 'session');
  assert.deepEqual(
    [message(1, 4), message(2, 5), message(-2, 11)].map((one) => frames.asked(one)),
    ['getData', 'setData', 'ping'],
  );
  assert.deepEqual(
    [message(-1), message(-2), message(1), message(2)].map((one) => frames.answered(one)),
    ['watch event', 'ping', 'getData', 'setData'],
  );
});

import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { refusal } from './kafka-refusal.contract.ts';

test('nobody there, somebody who hangs up, and somebody who speaks otherwise are told apart', async () => {
  const servers = ['-ERR unknown command\r\n', ''].map((greeting) =>
    createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => (greeting ? socket.write(greeting) : socket.destroy()));
    }),
  );
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  const open = (port: number) =>
    refusal({
      ...{ prefix: 'none', partitionCount: 1, dedupeWindow: 1024, openTimeoutMs: 300 },
      ...{ bootstrap: [`127.0.0.1:${port}`], requestTimeoutMs: 300 },
    });
  try {
    const [other, closing] = [await open(ports[0]!), await open(ports[1]!)];
    assert.equal(other.id, 'veltrix-kafka-not-kafka');
    assert.match(other.message, /answers in another protocol/);
    // A proxy whose brokers are down does so, too: a node has to wait for them.
    assert.deepEqual([closing.id, closing.retry], ['veltrix-kafka-unreachable', 'later']);
    assert.match(closing.message, /hangs up/);
  } finally {
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
  }
  const nobody = await open(ports[0]!);
  assert.equal(nobody.id, 'veltrix-kafka-unreachable');
  assert.match(nobody.message, /ECONNREFUSED/);
});

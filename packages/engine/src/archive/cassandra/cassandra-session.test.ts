/* A driver that knows servers without connecting to any. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import driver from 'cassandra-driver';
import { CassandraSession } from './cassandra-session.ts';

const options = {
  ...{ contactPoints: ['10.0.0.1:9042'], localDataCenter: 'dc1' },
  ...{ keyspace: 'hunt', replication: {}, logId: '' },
};

/** The time-out of the driver's own questions, and of all others, in ms. */
interface Inside {
  readonly options: { readonly socketOptions: { readonly readTimeout: number } };
}

test('servers without a connection are those of the own data centre', async (t) => {
  const hosts = [
    { address: '10.0.0.1:9042', datacenter: 'dc1', isUp: () => true },
    { address: '10.0.0.2:9042', datacenter: 'dc1', isUp: () => false },
    { address: '10.0.0.3:9042', datacenter: 'dc2', isUp: () => false },
  ];
  t.mock.method(driver.Client.prototype, 'connect', async function (this: object) {
    Object.defineProperty(this, 'hosts', { value: { values: () => hosts } });
  });
  const session = await CassandraSession.connect(options);
  assert.deepEqual(session.unconnected(), ['10.0.0.2:9042']);
});

test('a time for connecting does not shorten what is asked then', async (t) => {
  const waits: number[] = [];
  const note = (client: object) => waits.push((client as Inside).options.socketOptions.readTimeout);
  t.mock.method(driver.Client.prototype, 'connect', async function (this: object) {
    note(this);
  });
  t.mock.method(driver.Client.prototype, 'execute', async function (this: object) {
    note(this);
    return [];
  });
  for (const timeouts of [{ connectTimeoutMs: 1_000, requestTimeoutMs: 4_000 }, {}]) {
    const session = await CassandraSession.connect({ ...options, ...timeouts });
    await session.rows('SELECT now() FROM system.local', []);
  }
  assert.deepEqual(waits, [1_000, 4_000, 5_000, 5_000]);
});

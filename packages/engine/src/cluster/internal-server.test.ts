import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InternalClient } from './internal-client.ts';
import { InternalServer } from './internal-server.ts';
import { freeAddress } from './testing/free-address.ts';

const key = new Uint8Array(32).fill(3);

test('metrics are read without the key of the deployment, and nothing else is', async (t) => {
  const address = await freeAddress();
  const handlers = { double: async (question: unknown) => Number(question) * 2 };
  const metrics = () => '# TYPE a_bytes gauge\na_bytes 1\n';
  const server = await InternalServer.listen({ address, handlers, key, metrics });
  t.after(() => server.close());
  const page = await fetch(`http://${address}/metrics`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  assert.equal(await page.text(), metrics());
  for (const [method, path] of [
    ['POST', '/metrics'],
    ['GET', '/internal/double'],
    ['POST', '/internal/double'],
    ['GET', '/'],
  ] as const) {
    const { status } = await fetch(`http://${address}${path}`, { method });
    assert.equal(status, 401, `${method} ${path}`);
  }
  const client = new InternalClient(key);
  t.after(() => client.close());
  assert.equal(await client.call(address, 'double', 4), 8);
});

test('a platform asks for health without the key: alive while impaired, ready only as a member', async (t) => {
  const address = await freeAddress();
  let health = { isReady: false, impairments: [] as string[] };
  const server = await InternalServer.listen({ address, handlers: {}, key, health: () => health });
  t.after(() => server.close());
  const ask = async (path: string) => {
    const response = await fetch(`http://${address}${path}`);
    return [response.status, await response.json()];
  };
  assert.deepEqual(await ask('/healthz'), [200, { status: 'alive' }]);
  assert.deepEqual(await ask('/readyz'), [503, { status: 'not ready' }]);
  health = { isReady: true, impairments: ['engine-views-inconsistent'] };
  assert.deepEqual(await ask('/healthz'), [
    200,
    { status: 'impaired', impairments: [{ id: 'engine-views-inconsistent' }] },
  ]);
  assert.deepEqual(await ask('/readyz'), [200, { status: 'ready' }]);
  assert.equal((await fetch(`http://${address}/healthz`, { method: 'POST' })).status, 401);
});

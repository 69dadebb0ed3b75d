/* A Redis that answers, beside an address at which connections are taken and nothing is said, and one where nobody is. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freePorts, startRedis, whyNotAvailable } from '@hunt/services';
import { until } from '../../testing/until.ts';
import type { Facts } from '../facts.ts';
import { judge } from '../judge.ts';
import { redisRules } from '../rules/redis-rules.ts';
import { healthyCluster } from '../testing/healthy-facts.ts';
import { redisFacts } from './redis-probe.ts';

const askMs = 4_000;

async function silentServer(t: TestContext): Promise<{ server: Server; address: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {}).resume()));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** What is known within the time, of servers without encryption. */
async function asked(addresses: readonly string[]): Promise<Facts> {
  const began = performance.now();
  const plain = { cluster: false, prefix: 'hunt:', username: undefined, password: undefined };
  const facts = await redisFacts({ redis: { addresses, ...plain } }, askMs);
  // On a busy machine a timer comes late.
  assert.ok(performance.now() - began < askMs + 15_000);
  return facts;
}

test('who does not answer is named, and what the others say is judged', {
  skip: whyNotAvailable('redis') ?? false,
  timeout: 60_000,
}, async (t) => {
  const redis = await startRedis({ own: true });
  t.after(() => redis.stop());
  const [address] = redis.addresses as [string];
  const { server, address: silent } = await silentServer(t);
  const [port] = await freePorts(1);
  const nobody = `127.0.0.1:${port}`;

  const facts = await asked([silent, address, nobody]);
  assert.ok('value' in facts.redis!, JSON.stringify(facts.redis));
  assert.deepEqual(
    facts.redis.value.servers.map((one) => one.address),
    [address],
  );
  assert.ok('value' in facts.redisClock!);
  // A silent one may have them.
  assert.ok('unasked' in facts.redisViews!);
  const { findings, unasked } = judge(redisRules, {
    cluster: { value: healthyCluster.cluster },
    ...facts,
  });
  assert.deepEqual(unasked, []);
  const said = findings
    .filter(({ id }) => id === 'preflight-redis-silent')
    .map(({ values }) => values.map(({ value }) => value));
  assert.deepEqual(
    said.map(([where]) => where),
    [silent, nobody],
  );
  assert.match(said[0]![1]!, /timed out|no answer/i);
  assert.match(said[1]![1]!, /ECONNREFUSED/);
  // Nobody goes on knocking there.
  await until(
    () =>
      new Promise((resolve) => {
        server.getConnections((_error, count) => resolve(count === 0));
      }),
  );
});

test('where none answers, Redis is unasked, and the first one says why', {
  timeout: 60_000,
}, async (t) => {
  const { address } = await silentServer(t);
  const { redis, redisViews, redisClock } = await asked([address]);
  assert.ok('unasked' in redis! && redis.refused === undefined);
  assert.ok(
    redis.unasked.includes(address) || /no answer within/.test(redis.unasked),
    redis.unasked,
  );
  assert.deepEqual([redisClock, redisViews], [redis, redis]);
});

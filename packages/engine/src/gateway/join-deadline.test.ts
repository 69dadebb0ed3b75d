/* A join whose node of names answers slowly, through a proxy: it ends when the player gives up, and is made once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultProxy, freePorts } from '@hunt/services';
import { currentDeadline } from 'veltrix/resilience';
import { InternalClient } from '../cluster/internal-client.ts';
import { InternalServer } from '../cluster/internal-server.ts';
import { identityHandler, RemoteIdentity } from '../cluster/remote-identity.ts';
import type { Identity } from '../identity/identity.ts';
import { startTestGateway } from './testing/test-gateway.ts';

const key = Buffer.alloc(32, 6);
const players = '/v1/hunts/test-hunt/players';

test('a join is not sent to its partition once the player has given up, and goes on when it is made again', {
  timeout: 60_000,
}, async (t) => {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const proxy = await FaultProxy.listen(address);
  t.after(() => proxy.close());
  const client = new InternalClient(key);
  t.after(() => client.close());
  let kept: Identity | undefined;
  const identityOf = (identity: Identity) => {
    kept = identity;
    return new RemoteIdentity(client, proxy.address);
  };
  const { call, gateway } = await startTestGateway(t, {}, 1, undefined, { identityOf });
  const handlers = { identity: identityHandler(kept!) };
  const server = await InternalServer.listen({ address, key, handlers });
  t.after(() => server.close());
  const metric = (series: string) =>
    Number(
      gateway.metrics
        .text()
        .split('\n')
        .find((line) => line.startsWith(`${series} `))!
        .split(' ')[1],
    );
  const sent = () => metric('hunt_gateway_commands_total{result="sent"}');
  const join = (timeoutMs: number) =>
    call('POST', players, {
      headers: { 'idempotency-key': 'join-1', 'hunt-timeout-ms': String(timeoutMs) },
      body: { name: 'Ann', team: { name: 'Owls' } },
    });
  const before = sent();
  proxy.slow(300);
  const late = await join(150);
  assert.deepEqual([late.status, late.body.code], [504, 'engine-deadline-passed']);
  assert.equal(sent(), before);
  assert.equal(metric('hunt_gateway_late_requests_total{of="join"}'), 1);
  proxy.heal();
  const joined = await join(30_000);
  assert.equal(joined.status, 201);
  const again = await join(30_000);
  assert.deepEqual([again.body.player, again.body.team], [joined.body.player, joined.body.team]);
  const { body } = await call('GET', '/v1/hunts/test-hunt/me', { token: joined.body.token });
  assert.equal(body.members, 1);
});

test('a join whose store knows no deadline ends before its next command', {
  timeout: 60_000,
}, async (t) => {
  const teamNamed = (kept: Identity): Identity['teamNamed'] => {
    return async (...team) => {
      const made = await kept.teamNamed(...team);
      while (currentDeadline()?.hasPassed === false) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return made;
    };
  };
  const identityOf = (kept: Identity): Identity =>
    new Proxy(kept, {
      get(_target, name: keyof Identity) {
        return name === 'teamNamed' ? teamNamed(kept) : kept[name].bind(kept);
      },
    });
  const { call, gateway } = await startTestGateway(t, {}, 1, undefined, { identityOf });
  const sent = () =>
    /^hunt_gateway_commands_total\{result="sent"\} \d+$/m.exec(gateway.metrics.text())?.[0];
  const before = sent();
  const { status, body } = await call('POST', players, {
    headers: { 'hunt-timeout-ms': '100' },
    body: { name: 'Ann', team: { name: 'Owls' } },
  });
  assert.deepEqual([status, body.code], [504, 'engine-deadline-passed']);
  assert.equal(sent(), before);
});

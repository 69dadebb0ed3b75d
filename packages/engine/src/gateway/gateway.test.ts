import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestGateway } from './testing/test-gateway.ts';

/* How the gateway stops. */

const commands = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: ' WATER ' };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('draining answers what is in flight and takes nothing new', async (t) => {
  const { call, join, gateway, port } = await startTestGateway(t);
  const { token } = await join();
  port.hold();
  const waiting = call('POST', commands, { token, body: water });
  while (gateway.metrics.text().includes('hunt_gateway_inflight_commands 0')) await turn();
  const drained = gateway.drain();
  assert.equal((await call('GET', '/readyz')).body.code, 'engine-draining');
  assert.equal((await call('POST', commands, { token, body: water })).status, 503);
  assert.equal((await call('GET', '/healthz')).status, 200);
  port.release();
  await drained;
  assert.equal((await waiting).body.outcome, 'solved');
});

test('it is ready once the hunts were read', async (t) => {
  const { gateway, call } = await startTestGateway(t);
  await gateway.untilReady();
  assert.equal((await call('GET', '/readyz')).status, 200);
  const held = await startTestGateway(t, {}, 1, undefined, { holdHunts: true });
  let isReady = false;
  void held.gateway.untilReady().then(() => {
    isReady = true;
  });
  assert.equal((await held.call('GET', '/readyz')).body.code, 'engine-not-ready');
  assert.equal(isReady, false);
});

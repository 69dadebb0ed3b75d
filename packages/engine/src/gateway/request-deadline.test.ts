/*
 * A command whose sender has given up is not begun, and one that was handed over is decided whatever happens.
 * Clients talk to the gateway through a proxy that holds what they send.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { FaultProxy } from '@hunt/services';
import { LiveConfig } from 'veltrix/config';
import { until } from '../testing/until.ts';
import { gatewayConfig } from './testing/gateway-config.ts';
import { startTestGateway, type TestGateway } from './testing/test-gateway.ts';

const commands = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: 'WATER' };
const inTime = { timeout: 30_000 };

function metric({ gateway }: TestGateway, series: string): number {
  const line = gateway.metrics
    .text()
    .split('\n')
    .find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

async function proxied(t: TestContext, url: string): Promise<FaultProxy> {
  const proxy = await FaultProxy.listen(new URL(url).host);
  t.after(() => proxy.close());
  return proxy;
}

/** Sends a POST with its headers first; `body` sends the rest and resolves with the status and the answer. */
function slowUpload(t: TestContext, address: string, head: Readonly<Record<string, string>>) {
  const json = JSON.stringify(water);
  const [host, port] = address.split(':');
  const socket = connect({ host: host!, port: Number(port) });
  t.after(() => socket.destroy());
  const headers = Object.entries({
    ...{ host: address, connection: 'close', 'content-type': 'application/json' },
    ...{ 'content-length': String(Buffer.byteLength(json)), ...head },
  });
  let got = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    got += text;
  });
  const ended = new Promise<void>((resolve) => socket.once('end', resolve));
  socket.write(
    `POST ${commands} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  return async () => {
    socket.write(json);
    await ended;
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(got) ?? [];
    return { status: Number(status), body: JSON.parse(got.slice(got.indexOf('\r\n\r\n') + 4)) };
  };
}

test(
  'a command that a bad line holds up until nobody waits is not sent on; the same one sent again is decided once',
  inTime,
  async (t) => {
    const server = await startTestGateway(t);
    const { token } = await server.join();
    const proxy = await proxied(t, server.url);
    const authorization = { authorization: `Bearer ${token}`, 'idempotency-key': 'k1' };
    let arrivedAt = 0;
    server.gateway.app.server.once('request', () => {
      arrivedAt = performance.now();
    });
    const send = slowUpload(t, proxy.address, { ...authorization, 'hunt-timeout-ms': '200' });
    await until(() => arrivedAt > 0);
    proxy.hold('to-server');
    const answering = send();
    const sent = metric(server, 'hunt_gateway_commands_total{result="sent"}');
    await until(() => performance.now() > arrivedAt + 200);
    proxy.heal();
    const { status, body } = await answering;
    assert.deepEqual([status, body.code, body.retry], [504, 'engine-deadline-passed', 'same-id']);
    assert.equal(metric(server, 'hunt_gateway_commands_total{result="sent"}'), sent);
    assert.equal(metric(server, 'hunt_gateway_late_requests_total{of="command"}'), 1);
    const again = await slowUpload(t, proxy.address, authorization)();
    assert.deepEqual([again.status, again.body.repeated], [200, false]);
  },
);

test('a command that was begun is decided although its sender has given up', inTime, async (t) => {
  const { call, join, port } = await startTestGateway(t);
  const { token } = await join();
  const headers = { 'idempotency-key': 'k2', 'hunt-timeout-ms': '1000' };
  port.hold({ isBegun: true });
  const giveUp = new AbortController();
  const lost = call('POST', commands, { token, headers, body: water, signal: giveUp.signal });
  const handedOverAt = performance.now();
  await until(() => performance.now() > handedOverAt + 1_000 && port.heldRecords > 0);
  giveUp.abort();
  await assert.rejects(lost);
  port.release();
  const again = await call('POST', commands, {
    token,
    headers: { 'idempotency-key': 'k2' },
    body: water,
  });
  assert.deepEqual([again.status, again.body.repeated], [200, true]);
});

test(
  'a command that waits unbegun until nobody waits for it is taken back; the same one sent again is decided once',
  inTime,
  async (t) => {
    const server = await startTestGateway(t);
    const { token } = await server.join();
    const decided = () => metric(server, 'hunt_gateway_commands_total{result="decided"}');
    const before = decided();
    server.port.hold();
    const send = (more: Readonly<Record<string, string>>) => {
      const headers = { 'idempotency-key': 'k3', ...more };
      return server.call('POST', commands, { token, headers, body: water });
    };
    const [late, batch] = await Promise.all([
      send({ 'hunt-timeout-ms': '300' }),
      server.call('POST', `${commands}/batch`, {
        ...{ token, headers: { 'hunt-timeout-ms': '200' } },
        body: { commands: [water, water] },
      }),
    ]);
    const { code: problem, retry } = late.body;
    assert.deepEqual([late.status, problem, retry], [504, 'engine-deadline-passed', 'same-id']);
    const told = batch.body.results.map(({ code }: { code?: string }) => code);
    assert.deepEqual(told, Array(2).fill('engine-deadline-passed'));
    assert.equal(server.port.heldRecords, 0);
    assert.equal(metric(server, 'hunt_gateway_commands_total{result="withdrawn"}'), 3);
    server.port.release();
    const again = await send({});
    assert.deepEqual([again.status, again.body.repeated], [200, false]);
    assert.equal(decided(), before + 1);
  },
);

test(
  'the gateway says itself how long is waited where a client says nothing, or more',
  inTime,
  async (t) => {
    const settings = new LiveConfig(gatewayConfig());
    const server = await startTestGateway(t, {}, 1, undefined, { settings });
    const { token } = await server.join();
    settings.replace(gatewayConfig({ deadlineMaxMs: 100 }));
    for (const stated of [{}, { 'hunt-timeout-ms': '60000' }]) {
      let arrivedAt = 0;
      server.gateway.app.server.once('request', () => {
        arrivedAt = performance.now();
      });
      const head = { authorization: `Bearer ${token}`, ...stated };
      const send = slowUpload(t, new URL(server.url).host, head);
      await until(() => arrivedAt > 0 && performance.now() > arrivedAt + 100);
      assert.equal((await send()).body.code, 'engine-deadline-passed');
    }
  },
);

test('a time that is none is refused', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  const ask = (stated: string) => {
    const headers = { 'hunt-timeout-ms': stated };
    return call('POST', commands, { token, headers, body: water });
  };
  for (const wrong of ['0', '007', '-1', '1.5', 'soon', '1234567890']) {
    const { status, body } = await ask(wrong);
    assert.deepEqual([status, body.code], [400, 'engine-request-invalid'], wrong);
    assert.match(body.detail, /hunt-timeout-ms must be a whole number of milliseconds, from 1/);
  }
  assert.equal((await ask('123456789')).status, 200);
});

/* What admission hears of single commands that come by HTTP, by how they end. */
import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { systemClock, veltrixErrors } from 'veltrix';
import { LiveConfig } from 'veltrix/config';
import { until } from '../testing/until.ts';
import { Admission } from './admission.ts';
import type { GatewayConfig } from './gateway-settings.ts';
import { gatewayConfig } from './testing/gateway-config.ts';
import { startTestGateway } from './testing/test-gateway.ts';

const commands = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: 'water' };
const isAsync = { headers: { prefer: 'respond-async' } };
const logFull = () =>
  veltrixErrors.create('veltrix-log-inflight-full', { partition: 0, inflight: 1, limit: 1 });

/** A gateway with one player, and what its admission is told from now on: `[decided, given up, not sent]`. */
async function watched(t: TestContext, partitions = 1) {
  const settings = new LiveConfig(gatewayConfig());
  const world = await startTestGateway(t, {}, partitions, undefined, { settings });
  const { token } = await world.join();
  const spies = (['leave', 'giveUp', 'cancel'] as const).map((name) =>
    t.mock.method(Admission.prototype, name),
  );
  return {
    ...world,
    send: (options: object = {}) =>
      world.call('POST', commands, { token, body: water, ...options }),
    told: () => spies.map(({ mock }) => mock.callCount()),
    change: (values: Partial<GatewayConfig>) =>
      settings.replace({ ...settings.current, ...values }),
  };
}

suite('admission is told', () => {
  test('that a command is decided, whatever the outcome', async (t) => {
    const { send, told } = await watched(t);
    assert.equal((await send()).status, 200);
    assert.equal((await send()).body.code, 'rules-step-already-solved');
    assert.deepEqual(told(), [2, 0, 0]);
  });

  test('that one whose sender was told to ask later took so long', async (t) => {
    const { send, told, port, change } = await watched(t);
    port.hold();
    change({ waitMaxMs: 100 });
    assert.equal((await send()).status, 202);
    assert.deepEqual(told(), [0, 1, 0]);
    change({ waitMaxMs: 60_000 });
    port.release();
    assert.equal((await send()).status, 409);
    assert.deepEqual(told(), [1, 1, 0], 'once for each');
  });

  test('that one which the log refuses was not decided', async (t) => {
    const { send, told, port } = await watched(t);
    port.refuseNext(logFull());
    assert.equal((await send()).body.code, 'veltrix-log-inflight-full');
    assert.deepEqual(told(), [0, 1, 0]);
  });

  test('that one of a partition that stops meanwhile was not, and a later one not sent', async (t) => {
    const { send, told, port } = await watched(t);
    port.hold();
    const answer = send();
    await until(() => port.heldRecords > 0);
    port.stop(0, new Error('the disk is gone'));
    assert.equal((await answer).status, 503);
    assert.deepEqual(told(), [0, 1, 0]);
    assert.equal((await send()).body.code, 'veltrix-partition-stopped');
    assert.deepEqual(told(), [0, 1, 1]);
  });

  test('that one which the gateway itself refuses was not sent', async (t) => {
    const { send, told } = await watched(t);
    const body = { ...water, step: 'no-such-step' };
    assert.equal((await send({ body })).body.code, 'rules-step-unknown');
    assert.deepEqual(told(), [0, 0, 1]);
  });

  test('of one whose sender does not wait once it is decided, or not taken', async (t) => {
    const { send, told, port, change } = await watched(t);
    port.hold();
    assert.equal((await send(isAsync)).status, 202);
    assert.deepEqual(told(), [0, 0, 0], 'not when it is promised');
    port.release();
    await until(() => told()[0] === 1);
    port.refuseNext(logFull());
    assert.equal((await send(isAsync)).status, 202);
    await until(() => told()[1] === 1);
    port.hold();
    change({ waitMaxMs: 100 });
    assert.equal((await send(isAsync)).status, 202);
    await until(() => told()[1] === 2);
    assert.deepEqual(told(), [1, 2, 0]);
    port.release();
  });

  /**
   * Claims of eight teams of four partitions, of which one has the treasure and no other is heard: the answer, what
   * waits, and what was told. That all teams are on that one happens once in 65,536 times.
   */
  async function claims(t: TestContext, options: object = {}) {
    const { call, join, told, port, gateway, change } = await watched(t, 4);
    change({ joinRatePerSecond: 1e6, joinBurst: 1e6 });
    const tokens: string[] = [];
    while (tokens.length < 8) tokens.push((await join()).token);
    change({ waitMaxMs: 300 });
    port.loseMessages();
    const decided = () => Number(/result="decided"\} (\d+)/.exec(gateway.metrics.text())![1]);
    const body = { type: 'claim-treasure', treasure: 'coin' };
    const found: object[] = [];
    for (const token of tokens) {
      const before = told();
      const decisions = decided();
      const { status } = await call('POST', commands, { token, body, ...options });
      await until(() => decided() > decisions);
      const [, pending] = /"gateway-pending"\} (\d+)/.exec(gateway.metrics.text())!;
      found.push({ status, pending, told: told().map((count, index) => count - before[index]!) });
    }
    return found;
  }

  test('that a claim took so long whose last word does not come in time', async (t) => {
    const found = await claims(t);
    const late = { status: 202, pending: '0', told: [1, 0, 0] };
    assert.ok(found.some((claim) => isDeepStrictEqual(claim, late)));
    for (const { told } of found as { told: number[] }[]) assert.deepEqual(told, late.told);
  });

  test('that a claim is decided whose last word nobody waits for', async (t) => {
    const expected = { status: 202, pending: '0', told: [1, 0, 0] };
    assert.deepEqual(await claims(t, isAsync), Array(8).fill(expected));
  });
});

test('a log that refuses most at once does not hide that decisions are slow', async (t) => {
  let now = Date.now();
  const clock = { ...systemClock, now: () => now };
  const rates = { playerRatePerSecond: 1e6, playerBurst: 1e6, admissionTargetMs: 25 };
  const world = await startTestGateway(t, rates, 1, undefined, { clock });
  const { call, join, port, gateway } = world;
  const { token } = await join();
  const send = (count: number) =>
    Array.from({ length: count }, () => call('POST', commands, { token, body: water }));
  const limit = () =>
    /^hunt_gateway_admission_limit_commands (.+)$/m.exec(gateway.metrics.text())![1];
  for (let window = 0; window < 6; window++) {
    port.hold();
    const slow = send(5);
    const inflight = () =>
      /^hunt_gateway_inflight_commands (\d+)$/m.exec(gateway.metrics.text())![1];
    await until(() => inflight() === '5');
    const full = t.mock.method(port, 'send', () => {
      throw logFull();
    });
    for (const { status } of await Promise.all(send(50))) assert.equal(status, 503);
    full.mock.restore();
    now += 101;
    port.release();
    await Promise.all(slow);
  }
  assert.equal(limit(), '64');
});

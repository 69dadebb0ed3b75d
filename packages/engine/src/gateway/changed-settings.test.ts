/*
 * What is declared dynamic counts while the gateway runs: each is changed under a gateway that is in use, and seen to
 * count by what clients get.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveConfig } from 'veltrix/config';
import { gatewayConfig } from './testing/gateway-config.ts';
import { startTestGateway } from './testing/test-gateway.ts';

const commands = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: 'WATER' };

function newSettings() {
  const settings = new LiveConfig(gatewayConfig());
  const change = (values: Partial<typeof settings.current>) =>
    settings.replace({ ...settings.current, ...values });
  return { settings, change };
}

test('the rates of players and of joins change under them', async (t) => {
  const { settings, change } = newSettings();
  const { call, join } = await startTestGateway(t, {}, 1, undefined, { settings });
  const { token } = await join();
  const send = async () => (await call('POST', commands, { token, body: water })).body?.code;
  assert.notEqual(await send(), 'engine-rate-limited');
  change({ playerBurst: 1, playerRatePerSecond: 1 });
  // The first may still be paid for by what the bucket has.
  const sent = [await send(), await send()];
  assert.equal(sent.at(-1), 'engine-rate-limited');
  change({ playerBurst: 1_000_000, playerRatePerSecond: 1_000_000_000 });
  assert.notEqual(await send(), 'engine-rate-limited');
  change({ joinBurst: 1, joinRatePerSecond: 1 });
  const body = { name: 'Bea', team: { name: 'Late' } };
  const joining = () => call('POST', '/v1/hunts/test-hunt/players', { body });
  const joined = [await joining(), await joining()];
  assert.equal(joined.at(-1)?.body.code, 'engine-rate-limited');
});

test('limits of memory and of live connections change, and how long is waited', async (t) => {
  const { settings, change } = newSettings();
  const { call, join, port } = await startTestGateway(t, {}, 1, undefined, { settings });
  const { token } = await join();
  change({ liveConnectionsMax: 0 });
  const live = await call('GET', '/v1/hunts/test-hunt/live');
  assert.equal(live.body.code, 'engine-live-too-many');
  port.hold();
  change({ waitMaxMs: 50 });
  assert.equal((await call('POST', commands, { token, body: water })).status, 202);
  change({ inflightMaxBytes: 1, refusalWaitMaxMs: 1 });
  const refused = await call('POST', commands, { token, body: water });
  assert.equal(refused.body.code, 'engine-overloaded');
});

test('a hunt may have rates of its own', async (t) => {
  const own = gatewayConfig({ playerBurst: 1, playerRatePerSecond: 1 });
  const settingsByHunt = new LiveConfig({ byHunt: new Map([['other-hunt', own]]) });
  const { call, join } = await startTestGateway(t, {}, 1, undefined, { settingsByHunt });
  const { token } = await join();
  const send = async () => (await call('POST', commands, { token, body: water })).body?.code;
  const batch = async () => {
    const body = { commands: [water] };
    return (await call('POST', `${commands}/batch`, { token, body })).body?.code;
  };
  assert.notEqual(await send(), 'engine-rate-limited');
  assert.notEqual(await send(), 'engine-rate-limited');
  settingsByHunt.replace({ byHunt: new Map([['test-hunt', own]]) });
  const sent = [await send(), await send()];
  assert.equal(sent.at(-1), 'engine-rate-limited');
  assert.equal(await batch(), 'engine-rate-limited');
});

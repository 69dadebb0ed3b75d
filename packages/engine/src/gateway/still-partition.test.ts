/* A gateway of two partitions with real processors, one of which stands still: what its players are told, and the others. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { idFromHex, partitionOf } from '@hunt/rules';
import { until } from '../testing/until.ts';
import type { GatewayConfig } from './gateway-settings.ts';
import { startTestGateway } from './testing/test-gateway.ts';
import { testHuntId } from './testing/test-hunt.ts';

const still = 0;
const water = { type: 'submit-answer', step: 'gate', answer: 'water' };
const rates = { playerRatePerSecond: 1e6, playerBurst: 1e6, joinBurst: 1e6 };

/** With a player of each partition; what comes for the first one is not begun until `release`. */
async function gatewayWithStillPartition(t: TestContext, config: Partial<GatewayConfig>) {
  const { call, join, port, gateway } = await startTestGateway(t, { ...rates, ...config }, 2);
  const tokens: string[] = [];
  while (tokens[0] === undefined || tokens[1] === undefined) {
    const { token, team } = await join();
    const { low, high } = idFromHex(team)!;
    tokens[partitionOf(2, testHuntId.low, testHuntId.high, low, high)] = token;
  }
  const send = port.send.bind(port);
  const held: Uint8Array[] = [];
  t.mock.method(port, 'send', (partition: number, record: Uint8Array) => {
    if (partition !== still) return send(partition, record);
    held.push(record.slice());
    return 0;
  });
  t.mock.method(port, 'withdraw', () => false);
  const metric = (name: string) =>
    Number(
      new RegExp(`^hunt_${name.replace(/[{}]/g, '\\$&')} (.+)$`, 'm').exec(
        gateway.metrics.text(),
      )?.[1],
    );
  return {
    metric,
    send: (partition: number) =>
      call('POST', '/v1/hunts/test-hunt/commands', { token: tokens[partition]!, body: water }),
    sendBatch: (partition: number, count: number) =>
      call('POST', '/v1/hunts/test-hunt/commands/batch', {
        token: tokens[partition]!,
        body: {
          commands: Array.from({ length: count }, (_, id) => ({ id: `id-${id}`, ...water })),
        },
      }),
    release: () => {
      for (const record of held.splice(0)) send(still, record);
    },
  };
}

test('commands for a partition that stands still fill their share, and are refused by its name; others are decided', async (t) => {
  const world = await gatewayWithStillPartition(t, { inflightMaxCommands: 6, waitMaxMs: 60_000 });
  const waiting = [1, 2, 3].map(() => world.send(still));
  await until(() => world.metric('gateway_inflight_commands') === 3);
  for (const { status, body, headers } of [
    await world.send(still),
    await world.sendBatch(still, 2),
  ]) {
    assert.deepEqual([status, body.code], [503, 'engine-partition-overloaded']);
    assert.match(
      body.detail,
      /^3 commands of partition 0 already wait for a decision; its limit is 3/,
    );
    assert.equal(headers.get('retry-after'), '1');
  }
  assert.equal((await world.send(1)).status, 200);
  assert.equal((await world.sendBatch(1, 3)).status, 200);
  assert.equal(world.metric('queue_filled_ratio{queue="gateway-partition",partition="0"}'), 1);
  assert.equal(world.metric('queue_entries{queue="gateway-partition",partition="1"}'), 0);
  assert.equal(world.metric('gateway_partition_shed_commands_total{partition="0"}'), 3);
  assert.equal(world.metric('gateway_commands_total{result="shed"}'), 3);
  world.release();
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ status }) => status).sort(),
    [200, 409, 409],
  );
});

test('a partition that stands still stands apart, and leaves out no reads', async (t) => {
  const settings = { inflightMaxCommands: 4, brownoutAgeMs: 1_000, waitMaxMs: 60_000 };
  const world = await gatewayWithStillPartition(t, settings);
  const waiting = [world.send(still), world.send(still)];
  await until(() => world.metric('gateway_inflight_commands') === 2);
  const whileOthersAreDecided = (isSo: () => boolean) =>
    until(async () => {
      const [other, refused] = await Promise.all([world.send(1), world.send(still)]);
      assert.deepEqual([other.status < 500, refused.status], [true, 503]);
      return isSo();
    });
  await whileOthersAreDecided(() => world.metric('gateway_apart_partitions') === 1);
  assert.ok(world.metric('queue_oldest_seconds{queue="gateway-partition",partition="0"}') > 0.2);
  const pressure = (of: string) => world.metric(`gateway_brownout_pressure_ratio{of="${of}"}`);
  for (let seen = 0; seen < 2; seen++) {
    const before = pressure('loop-delay');
    await whileOthersAreDecided(() => pressure('loop-delay') !== before);
  }
  // Its own commands have waited for longer than a second by now.
  assert.ok(pressure('command-age') < 1, `${pressure('command-age')}`);
  assert.equal(pressure('refusals'), 0);
  world.release();
  const answers = await Promise.all(waiting);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
});

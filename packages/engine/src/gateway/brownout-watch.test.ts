import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LiveConfig } from 'veltrix/config';
import { BrownoutWatch, pressuresOf } from './brownout-watch.ts';
import { gatewayConfig } from './testing/gateway-config.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { startTestGateway } from './testing/test-gateway.ts';

const limits = { brownoutDelayMs: 50, brownoutAgeMs: 1_000 };
const quiet = { refused: 0, decided: 1_000, loopDelayMs: 0, oldestMs: 3 };

suite('the pressure on a gateway', () => {
  // Of the loop, of the age of commands, of refusals.
  const table = [
    ['nothing is the matter', quiet, [0, 0.003, 0]],
    ['the loop is late', { ...quiet, loopDelayMs: 100 }, [2, 0.003, 0]],
    ['commands wait', { ...quiet, oldestMs: 1_500 }, [0, 1.5, 0]],
    ['one of a thousand is turned away', { ...quiet, refused: 1, decided: 999 }, [0, 0.003, 0.1]],
    ['one of ten is turned away', { ...quiet, refused: 100, decided: 900 }, [0, 0.003, 10]],
    [
      'nothing is decided at all, which is an outage: reads are not the reason',
      { refused: 500, decided: 0, loopDelayMs: 5, oldestMs: 30_000 },
      [0.1, 0, 0],
    ],
  ] as const;
  for (const [name, facts, expected] of table) {
    test(name, () => assert.deepEqual(Object.values(pressuresOf(facts, limits)), expected));
  }
});

function watched() {
  const clock = new ManualClock();
  const config = new LiveConfig(gatewayConfig());
  const seen = { refused: 0, decided: 0, oldestMs: 0 };
  const told: number[] = [];
  const watch = new BrownoutWatch({
    ...{ clock, config, now: () => clock.now(), seen: () => ({ ...seen }) },
    onLevel: (level) => told.push(level),
  });
  /** So many seconds in which a tenth of the commands is turned away, or none. */
  const seconds = (count: number, refused: number) => {
    for (let second = 0; second < count; second++) {
      seen.refused += refused;
      seen.decided += 900;
      clock.advance(1_000);
    }
  };
  return { watch, config, seconds, told };
}

suite('a gateway that browns out', () => {
  test('leaves out pushes, then freshness, then reads, and takes them back in the other order', () => {
    const { watch, seconds, told } = watched();
    watch.start();
    seconds(1, 0);
    const left = () => [watch.pushFactor, watch.freshMs, watch.servedReads];
    const states: unknown[] = [left()];
    for (let level = 1; level <= 3; level++) {
      seconds(2, 100);
      states.push(left());
    }
    assert.deepEqual(states, [
      [1, undefined, 1],
      [4, undefined, 1],
      [4, 5_000, 1],
      [4, 5_000, 0.85],
    ]);
    seconds(20, 0);
    watch.stop();
    assert.deepEqual(told, [1, 2, 3, 2, 1, 0]);
    assert.deepEqual(left(), states[0]);
    // Two seconds until it rose further, two until all reads were answered again, five of calm until each fall.
    assert.deepEqual(watch.spentMs, { 1: 7_000, 2: 7_000, 3: 7_000 });
  });

  test('says what it is short of, and which level would hold without it', () => {
    const { watch, config, seconds } = watched();
    watch.start();
    seconds(1, 0);
    config.replace(gatewayConfig({ brownoutLeast: 1 }));
    seconds(2, 100);
    assert.deepEqual([watch.level, watch.least], [2, 1]);
    assert.deepEqual(watch.pressures, { 'loop-delay': 0, 'command-age': 0, refusals: 10 });
    watch.stop();
  });

  test('answers fewer reads while the pressure lasts, half of them at least, and leaves level 3 with all of them', () => {
    const { watch, seconds } = watched();
    watch.start();
    seconds(7, 100);
    assert.equal(watch.servedReads, 0.85);
    const admitted = Array.from({ length: 100 }, () => watch.admitsRead()).filter(Boolean);
    assert.equal(admitted.length, 85);
    seconds(30, 100);
    assert.equal(watch.servedReads, 0.5);
    // Five windows until all reads are answered again, and five more.
    seconds(9, 0);
    assert.deepEqual([watch.level, watch.servedReads], [3, 1]);
    seconds(1, 0);
    assert.equal(watch.level, 2);
    watch.stop();
  });

  test('can be pinned and switched off while it runs', () => {
    const { watch, config, seconds } = watched();
    watch.start();
    config.replace(gatewayConfig({ brownoutLeast: 2, brownoutMost: 2 }));
    assert.equal(watch.level, 2);
    config.replace(gatewayConfig({ brownoutLeast: 3 }));
    assert.deepEqual([watch.servedReads, watch.admitsRead()], [0, false]);
    config.replace(gatewayConfig({ brownoutMost: 0 }));
    seconds(20, 100);
    assert.equal(watch.level, 0);
    watch.stop();
  });
});

const hunt = '/v1/hunts/test-hunt';
const water = { type: 'submit-answer', step: 'gate', answer: 'WATER' };

test('where level 3 is pinned reads are turned away and say when to come again; commands, joins and health go on', async (t) => {
  const server = await startTestGateway(t, { brownoutLeast: 3 });
  const { call, join, gateway } = server;
  const { token, team } = await join();
  for (const path of [`${hunt}/me`, `${hunt}/standings`, `${hunt}/standings/${team}`]) {
    const { status, body, headers } = await call('GET', path, { token });
    assert.deepEqual([status, body.code], [503, 'engine-browned-out'], path);
    assert.equal(headers.get('retry-after'), '5');
  }
  assert.equal((await call('POST', `${hunt}/commands`, { token, body: water })).status, 200);
  for (const path of [hunt, '/healthz', '/readyz', '/metrics']) {
    assert.equal((await call('GET', path)).status, 200, path);
  }
  const page = gateway.metrics.text();
  assert.match(page, /^hunt_gateway_brownout_state 3$/m);
  assert.match(page, /^hunt_gateway_brownout_least_state 3$/m);
  assert.match(page, /^hunt_gateway_brownout_served_ratio 0$/m);
  assert.match(page, /^hunt_gateway_brownout_pressure_ratio\{of="loop-delay"\} \d/m);
  assert.match(page, /^hunt_gateway_read_requests_total\{result="browned-out"\} 3$/m);
});

test('at level 2 standings that were read are shown on, and say so', async (t) => {
  const server = await startTestGateway(t, { brownoutLeast: 2, brownoutFreshMs: 600_000 });
  const { token } = await server.join('Owls');
  const read = async () => (await server.call('GET', `${hunt}/standings`)).body;
  const before = await read();
  assert.equal(typeof before.staleSince, 'string');
  await server.call('POST', `${hunt}/commands`, { token, body: water });
  assert.deepEqual(await read(), before);
});

test('reads have a limit of their own, which commands do not meet', async (t) => {
  const server = await startTestGateway(t, { readsMax: 1 });
  const { token } = await server.join();
  const { port, gateway } = server;
  const asked = port.team.bind(port);
  const inflight = () =>
    /^hunt_gateway_read_inflight_requests (\d+)$/m.exec(gateway.metrics.text())![1];
  const answering = Promise.withResolvers<void>();
  const reading = Promise.withResolvers<void>();
  port.team = async (...team) => {
    reading.resolve();
    await answering.promise;
    return asked(...team);
  };
  const inside = server.call('GET', `${hunt}/me`, { token });
  try {
    await reading.promise;
    assert.equal(inflight(), '1');
    const { status, body } = await server.call('GET', `${hunt}/standings`);
    assert.deepEqual([status, body.code], [503, 'engine-reads-full']);
    const command = await server.call('POST', `${hunt}/commands`, { token, body: water });
    assert.equal(command.status, 200);
  } finally {
    answering.resolve();
  }
  assert.equal((await inside).status, 200);
  assert.equal(inflight(), '0');
  assert.equal((await server.call('GET', `${hunt}/standings`)).status, 200);
});

test('a loop that is late for seconds raises the level', { timeout: 60_000 }, async (t) => {
  const { gateway } = await startTestGateway(t, { brownoutDelayMs: 20 });
  assert.match(gateway.metrics.text(), /^hunt_gateway_brownout_served_ratio 1$/m);
  const level = () =>
    Number(/^hunt_gateway_brownout_state (\d)$/m.exec(gateway.metrics.text())![1]);
  assert.equal(level(), 0);
  while (level() === 0) {
    const end = performance.now() + 150;
    while (performance.now() < end);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

/* What a finding follows from: the nearest cause that can be behind it, by what it was measured with. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Finding } from './diagnose.ts';
import { diagnosed } from './testing/diagnosed.ts';
import { type MadeOptions, type MadeSeries, syncs, thread } from './testing/made-process.ts';

function findings(...made: readonly MadeOptions[]): readonly Finding[] {
  const { limit, others } = diagnosed(made);
  return limit === null ? others : [limit, ...others];
}

const reasons = (...made: readonly MadeOptions[]) =>
  Object.fromEntries(findings(...made).map(({ id, followsFrom }) => [id, followsFrom]));

const brownedOut = (of: string, level = 2): MadeSeries => ({
  hunt_gateway_brownout_state: level,
  [`hunt_gateway_brownout_pressure_ratio{of="${of}"}`]: 3,
});
const overloaded: MadeSeries = {
  ...thread('processors-0', 0.7, 0.01),
  'hunt_gateway_commands_total{result="shed"}': [0, 1_000],
  hunt_gateway_admission_limit_commands: 128,
};
const busyLoop = thread('main', 0.95, 0.02);
const busyFold = thread('processors-0', 0.95, 0.01);

suite('brown-out', () => {
  test('for commands that wait follows from what they wait for', () => {
    const changes = { ...brownedOut('command-age'), ...syncs(0.08, 60) };
    assert.deepEqual(reasons({ changes }), { 'slow-disk': null, brownout: 'slow-disk' });
  });

  test('follows from the root, not from what follows from it, too', () => {
    const changes = { ...brownedOut('refusals'), ...overloaded, ...busyLoop };
    assert.deepEqual(reasons({ changes }), {
      ...{ 'gateway-busy': null, overload: 'gateway-busy', brownout: 'gateway-busy' },
    });
    const alone = { ...brownedOut('refusals'), ...overloaded };
    assert.deepEqual(reasons({ changes: alone }), { overload: null, brownout: 'overload' });
  });

  test('of a gateway follows from a processor elsewhere, before a gateway elsewhere', () => {
    const found = reasons(
      { name: 'one', changes: brownedOut('command-age') },
      { name: 'two', changes: busyLoop },
      { name: 'three', changes: busyFold },
    );
    assert.deepEqual(found, {
      ...{ 'gateway-busy': null, 'processors-busy': null, brownout: 'processors-busy' },
    });
  });

  test('for a loop that is late does not follow from a disk, nor from another process', () => {
    const changes = { ...brownedOut('loop-delay'), ...syncs(0.08, 60) };
    assert.deepEqual(reasons({ name: 'one', changes }, { name: 'two', changes: busyFold }), {
      ...{ 'slow-disk': null, 'processors-busy': null, brownout: null },
    });
    const busy = { ...brownedOut('loop-delay'), ...busyLoop };
    assert.deepEqual(reasons({ changes: busy }), {
      ...{ 'gateway-busy': null, brownout: 'gateway-busy' },
    });
  });

  test('that is pinned follows from nothing, and says by which setting', () => {
    const changes = {
      ...{ hunt_gateway_brownout_state: 2, hunt_gateway_brownout_least_state: 2 },
      ...syncs(0.08, 60),
    };
    const found = findings({ changes }).find(({ id }) => id === 'brownout');
    assert.equal(found?.followsFrom, null);
    assert.match(found.evidence.at(-1)!.says, /gateway.brownoutLeast holds level 2/);
    assert.match(found.helps, /^Lower gateway.brownoutLeast/);
    assert.deepEqual(found.settings, [{ name: 'gateway.brownoutLeast', value: '2', default: '0' }]);
  });

  test('that is only waited out says so', () => {
    const [found] = findings({ changes: { hunt_gateway_brownout_state: 1 } });
    assert.equal(found?.id, 'brownout');
    assert.match(found.helps, /falls by itself/);
  });

  test('refuses at level 3, and only ages what is shown below', () => {
    const effects = [1, 2, 3].map(
      (level) => findings({ changes: brownedOut('refusals', level) })[0]?.effect,
    );
    assert.deepEqual(effects, ['ages', 'ages', 'refuses']);
  });
});

test('refusals of an idle server explain overload and brown-out', () => {
  const idle = { ...overloaded, ...thread('processors-0', 0.2, 0.005), ...brownedOut('refusals') };
  assert.deepEqual(reasons({ changes: idle }), {
    ...{ 'refusals-while-idle': null, overload: 'refusals-while-idle' },
    brownout: 'refusals-while-idle',
  });
});

test('where partitions have no owner that is what is refused for', () => {
  const owned = { hunt_node_all_partitions: 4, 'hunt_node_partitions{part="owner"}': 2 };
  const changes = { ...overloaded, ...thread('processors-0', 0.2, 0), ...owned };
  assert.deepEqual(reasons({ changes }), {
    ...{ 'partitions-without-owner': null, overload: 'partitions-without-owner' },
  });
});

test('a node that another one leaves alone is named by what it is short of itself', () => {
  const found = reasons(
    { name: 'one', changes: { hunt_peer_ejected_nodes: 1 } },
    { name: 'two', changes: thread('main', 0.5, 0.4, 'major') },
  );
  assert.deepEqual(found, { 'gc-pressure': null, 'slow-node': 'gc-pressure' });
});

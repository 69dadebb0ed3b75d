import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NodeHealth, NodeStatus, NodeTrust } from '@hunt/engine/control';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { type MetricsPageServer, serveMetricsPage } from '../testing/metrics-page-server.ts';
import { askedProcesses, processesOf } from './asked-processes.ts';
import { doctorExitCode } from './doctor-exit-code.ts';

const mebibyte = 1_048_576;
/** A gateway that turns away a tenth since only five may wait, and whose Redis is gone. */
const page = (asked: number) => `
hunt_process_uptime_seconds ${100 + asked}
hunt_process_clock_seconds ${Date.now() / 1_000}
hunt_process_cpu_seconds_total ${asked / 2}
hunt_process_available_cores 4
hunt_process_data_free_bytes ${100_000 * mebibyte}
hunt_gateway_commands_total{result="sent"} ${asked * 900}
hunt_gateway_commands_total{result="shed"} ${asked * 100}
hunt_gateway_admission_limit_commands +Inf
hunt_queue_entries{queue="gateway-inflight"} 5
hunt_queue_limit_entries{queue="gateway-inflight"} 5
hunt_queue_bytes{queue="gateway-inflight"} 500
hunt_queue_limit_bytes{queue="gateway-inflight"} ${16 * mebibyte}
hunt_gateway_brownout_state 2
hunt_gateway_brownout_pressure_ratio{of="refusals"} 10
hunt_dependency_up_state{dependency="views"} 0
hunt_dependency_down_seconds{dependency="views"} 90
`;

let gateway: MetricsPageServer;
before(async () => {
  gateway = await serveMetricsPage(page);
});
after(() => gateway.close());

const doctor = (flags: readonly string[], columns = 80) =>
  huntInProcess(['doctor', '--seconds', '2', ...flags], { columns });

test('what limits comes first, with numbers, what helps and the setting as it is there', async () => {
  const { code, output } = await doctor(['--target', gateway.url]);
  assert.equal(code, 1);
  const text = output.replace(/\n +/g, ' ');
  assert.match(
    text,
    /^Looked at 127\.0\.0\.1:\d+ for 2 s\.\n\nA buffer is too small \(small-buffer, refuses\): queue gateway-inflight of/,
  );
  assert.match(text, /10% of those that come \(hunt_gateway_commands_total\)/);
  assert.match(text, /What helps: Raise gateway.inflightMaxCommands/);
  assert.match(
    text,
    /gateway.inflightMaxCommands: 5 there; the default is 20000 See docs\/runbooks\/queue-full.md/,
  );
  assert.match(text, /\n\nRedis does not answer \(redis-down, ages\)/);
  assert.match(
    text,
    /\nbrownout \(127\.0\.0\.1:\d+\) follows from small-buffer: level 2 of 3: standings are pushed and read less often\./,
  );
  assert.match(text, /\n\nLoad: 0 commands a second are decided/);
  assert.match(
    text,
    /Not judged, since nothing that was read shows their metrics: slow-disk, gc-pressure/,
  );
});

test('texts fit a narrow terminal, and an address that does not answer is named', async () => {
  const { code, output } = await doctor(
    ['--target', gateway.url, '--target', 'http://127.0.0.1:9'],
    40,
  );
  assert.equal(code, 1);
  for (const line of output.split('\n')) {
    assert.ok(line.length <= 40 || !line.trim().includes(' '), line);
  }
  assert.match(output, /could not read 127.0.0.1:9: /);
});

test('JSON has all of it', async () => {
  const { code, output } = await doctor(['--target', gateway.url, '--json']);
  assert.equal(code, 1);
  const { limit, others, unread, headroom, processes } = JSON.parse(output);
  assert.deepEqual(
    [limit.id, limit.followsFrom, others[0].id],
    ['small-buffer', null, 'redis-down'],
  );
  assert.deepEqual(limit.settings, [
    { name: 'gateway.inflightMaxCommands', value: '5', default: '20000' },
  ]);
  assert.deepEqual([unread, processes.length, headroom.kneeRatio], [[], 1, null]);
});

test('a node of a cluster that was not named is told of, since its partitions may have no owner', async () => {
  const node = await serveMetricsPage(
    (asked) => `
hunt_process_uptime_seconds ${100 + asked}
hunt_node_all_partitions 4
hunt_node_partitions{part="owner"} 2
hunt_node_assigned_partitions{node="one",place="here"} 2
hunt_node_assigned_partitions{node="two",place="elsewhere"} 2
hunt_node_unassigned_partitions 0
`,
  );
  try {
    const { code, output } = await doctor(['--target', node.url]);
    assert.equal(code, 0);
    assert.match(output, /\nNothing limits it now, by what could be read\.\n/);
    const text = output.replace(/\n {2}/g, ' ');
    assert.match(text, /Not known whether partitions-without-owner: .* not read: two \(2\)\./);
  } finally {
    await node.close();
  }
});

test('without a process that answers there is an error', async () => {
  const { code, errors } = await doctor(['--target', 'http://127.0.0.1:9']);
  assert.equal(code, 69);
  assert.match(errors, /127\.0\.0\.1:9: .*cli-nothing-measured/);
});

test('what to look at has to be said, once, and as an address', async () => {
  const without = await doctor([]);
  assert.equal(without.code, 2);
  assert.match(without.errors, /--target URL or --cluster FILE/);
  const both = await doctor(['--target', gateway.url, '--cluster', 'x.yaml']);
  assert.match(both.errors, /--target and --cluster exclude/);
  const odd = await doctor(['--target', '127.0.0.1:8080']);
  assert.equal(odd.code, 2);
  assert.match(odd.errors, /--target must be an address as http:/);
});

test('of processes that are named nobody knows whether they are all', async () => {
  const target = ['http://10.0.0.1:8080', 'http://10.0.0.2:8080', 'http://10.0.0.1:8080'];
  const asked = await askedProcesses({ command: 'doctor', target, cluster: undefined });
  assert.deepEqual([asked.processes.length, asked.areAll], [2, false]);
});

test('of a cluster all nodes that are registered are asked, and who is gone is named', () => {
  const node = (name: string, health: NodeHealth, encryption: NodeStatus['encryption'] = null) => ({
    ...{
      node: name,
      health,
      address: `10.0.0.1:73${name.length}`,
      roles: [],
      zone: '',
      release: '',
    },
    ...{ encryption, levels: null, cpu: null, eventLoopDelayMs: null, owns: 1, standsBy: 0 },
  });
  const { processes, gone, areAll } = processesOf({
    nodes: [node('one', 'alive'), node('three', 'not responsive'), node('four', 'gone')],
  });
  assert.deepEqual(processes, [
    { name: 'one', url: 'http://10.0.0.1:733' },
    { name: 'three', url: 'http://10.0.0.1:735' },
  ]);
  assert.deepEqual(
    gone.map(({ what }) => what),
    ['four'],
  );
  assert.ok(areAll);
  const tls = { ca: 'the CA of the nodes' };
  const asked = (mode: NodeTrust['mode'], encryption: NodeStatus['encryption']) =>
    processesOf({ nodes: [node('one', 'alive', encryption)] }, { tls, mode }).processes[0];
  const plain = { name: 'one', url: 'http://10.0.0.1:733' };
  const secure = { name: 'one', url: 'https://10.0.0.1:733', tls };
  for (const encryption of ['require', 'accept', null] as const) {
    assert.deepEqual(asked('require', encryption), secure);
  }
  assert.deepEqual(asked('accept', 'require'), secure);
  // A release that does not say, beside those that begin to.
  assert.deepEqual(asked('accept', null), plain);
  assert.deepEqual(asked('require', 'off'), plain);
});

test('the exit code says what weighs most', () => {
  const finding = { effect: 'slows' } as Parameters<typeof doctorExitCode>[0]['limit'];
  const threat = { effect: 'threatens' } as Parameters<typeof doctorExitCode>[0]['limit'];
  const unread = [{ what: 'two', reason: 'gone' }];
  assert.equal(doctorExitCode({ limit: finding, unread }), 1);
  assert.equal(doctorExitCode({ limit: threat, unread }), 69);
  assert.equal(doctorExitCode({ limit: threat, unread: [] }), 4);
  assert.equal(doctorExitCode({ limit: null, unread }), 69);
  assert.equal(doctorExitCode({ limit: null, unread: [] }), 0);
});

/* Every cause, over pages as processes show them: one in which it is at work, and one in which it just is not. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { engineMetrics } from '../metrics/engine-metrics.ts';
import { allCauses } from './all-causes.ts';
import { diagnosed } from './testing/diagnosed.ts';
import { type MadeOptions, type MadeSeries, syncs, thread } from './testing/made-process.ts';
import { clock, down, folds, node, one, onePartition, shed } from './testing/made-series.ts';

interface Case {
  readonly broken: readonly MadeOptions[];
  /** On the right side of the line. */
  readonly quiet: readonly MadeOptions[];
  readonly where: RegExp;
  /** What the evidence says, in any of its lines. */
  readonly says: readonly RegExp[];
  readonly helps: RegExp;
  readonly settings?: readonly (readonly [string, string | null])[];
  /** What follows from it in the broken case. */
  readonly follows?: readonly string[];
}

const brownedOut = (level: number, pressures: Readonly<Record<string, number>>): MadeSeries => ({
  hunt_gateway_brownout_state: level,
  ...Object.fromEntries(
    Object.entries(pressures).map(([of, pressure]) => [
      `hunt_gateway_brownout_pressure_ratio{of="${of}"}`,
      pressure,
    ]),
  ),
});
const lag = (from: number, to: number): MadeSeries => ({
  'hunt_lag_seconds{consumer="archiver",partition="0"}': [from, to],
});

const noRoom = (of: string, from: number, to: number): MadeSeries => ({
  [`hunt_processor_undone_decisions_total{partition="1",of="${of}",reason="no-room"}`]: [from, to],
});
const fault = (of: string, from: number, to: number): MadeSeries => ({
  [`hunt_processor_undone_decisions_total{partition="1",of="${of}",reason="fault"}`]: [from, to],
});
const fullTables = (tables: Readonly<Record<string, readonly [number, number]>>): MadeSeries =>
  Object.fromEntries(
    Object.entries(tables).map(([table, course]) => [
      `hunt_processor_full_table_refusals_total{partition="1",table="${table}"}`,
      course,
    ]),
  );

const cases: Readonly<Record<string, Case>> = {
  'slow-disk': {
    broken: one({
      ...syncs(0.03, 120),
      'hunt_queue_oldest_seconds{queue="log-inflight",partition="0"}': 0.06,
      hunt_gateway_admission_limit_commands: 64,
      ...shed(0, 800),
    }),
    quiet: one(syncs(0.01, 120)),
    where: /^one$/,
    says: [/took 30 ms on average and 49.8 ms at p99, 24 times a second/, /for up to 60 ms/],
    helps: /a disk of its own/,
    follows: ['overload', 'refusals-while-idle'],
  },
  'disk-filling': {
    broken: one({ hunt_process_data_free_bytes: 100 * 1_048_576 }),
    quiet: one({ hunt_process_data_free_bytes: 513 * 1_048_576 }),
    where: /^one$/,
    says: [/100 MiB are free/],
    helps: /log.retainBytes/,
    settings: [['log.retainBytes', null]],
  },
  'gc-pressure': {
    broken: one({
      ...thread('main', 0.95, 0.35, 'major'),
      'hunt_thread_heap_bytes{thread="main"}': 1_990 * 1_048_576,
    }),
    quiet: one(thread('main', 0.5, 0.07, 'major')),
    where: /^thread main of one$/,
    says: [/collections 37% of the time \(2% minor, 35% major\)/, /1.94 GiB of 2 GiB/],
    helps: /max-old-space-size/,
    settings: [['gateway.liveConnectionsMax', null]],
    follows: ['gateway-busy'],
  },
  'gateway-busy': {
    broken: one(thread('main', 0.95, 0.02)),
    quiet: one(thread('main', 0.79, 0.02)),
    where: /^thread main of one$/,
    says: [/main was at work 95%/, /1,000 commands a second come/],
    helps: /role gateway/,
  },
  'processors-busy': {
    broken: one({ ...thread('processors-0', 0.9, 0), ...thread('processors-1', 0.5, 0) }),
    quiet: one(thread('processors-0', 0.79, 0)),
    where: /^thread processors-0 of one$/,
    says: [/was at work 90%/, /2 threads decide for 2 partitions/],
    helps: /more cores/,
  },
  'cores-busy': {
    broken: one({ hunt_process_cpu_seconds_total: [100, 119.5] }),
    quiet: one({ hunt_process_cpu_seconds_total: [100, 117.9] }),
    where: /^one$/,
    says: [/3.9 of 4 cores/],
    helps: /more cores/,
  },
  'memory-near': {
    broken: one({ hunt_process_resident_bytes: 0.95 * 8_192 * 1_048_576 }),
    quiet: one({ hunt_process_resident_bytes: 0.89 * 8_192 * 1_048_576 }),
    where: /^one$/,
    says: [/7.6 GiB of 8 GiB/],
    helps: /more memory/,
    settings: [['gateway.connectionsMax', '20000']],
  },
  'hot-partition': {
    broken: one({ ...thread('processors-0', 0.95, 0.01), ...folds(4, 0.2) }),
    quiet: one({ ...thread('processors-0', 0.75, 0.01), ...folds(2.9, 1) }),
    where: /^partition 0 on one$/,
    says: [/takes 80% of a thread, 20 times the mean of the others \(4%\)/, /at work 95%/],
    helps: /several prizes/,
    follows: ['processors-busy'],
  },
  'too-few-partitions': {
    broken: [{ ...onePartition, changes: thread('processors-0', 0.93, 0.01) }],
    quiet: [{ ...onePartition, changes: thread('processors-0', 0.74, 0.01) }],
    where: /^one$/,
    says: [
      /every thread that decides was at work 93%/,
      /there is one partition/,
      /2.8 cores are idle/,
    ],
    helps: /--partitions N/,
    follows: ['processors-busy'],
  },
  'partitions-without-owner': {
    broken: [node('one', 2, 8), node('two', 4, 8)],
    quiet: [node('one', 4, 8), node('two', 4, 8)],
    where: /^the cluster$/,
    says: [/6 of 8 partitions/],
    helps: /role processor/,
  },
  'full-table': {
    broken: one({
      ...noRoom('command', 40, 90),
      ...noRoom('timer', 0, 5),
      ...fullTables({ teams: [40, 90], outbox: [0, 5] }),
    }),
    quiet: one({ ...noRoom('command', 90, 90), ...fullTables({ teams: [90, 90] }) }),
    where: /^partition 1 on one$/,
    says: [
      /there is no room in the tables teams, outbox: teams was asked in vain 10 times a second/,
      /10 commands are refused/,
      /1 timers are set again/,
    ],
    helps: /Raise processor.tableMaxRows/,
    settings: [['processor.tableMaxRows', null]],
  },
  'program-faults': {
    broken: one({
      ...fault('command', 5, 30),
      ...fault('timer', 2, 2),
      'hunt_processor_faulted_decisions_total{type="submit-answer"}': [5, 30],
      'hunt_processor_faulted_decisions_total{type="expire-reservation"}': 2,
      'hunt_processor_faulted_decisions_total{type="claim-stock"}': 0,
    }),
    quiet: one({
      ...fault('command', 30, 30),
      ...fault('timer', 0, 0),
      'hunt_processor_faulted_decisions_total{type="submit-answer"}': 30,
    }),
    where: /^partition 1 on one$/,
    says: [
      /5 commands a second .* veltrix-decide-failed, on partition 1/,
      /timers of partition 1 were set again 2 times/,
      /faulted at submit-answer \(30\), expire-reservation \(2\)$/m,
    ],
    helps: /Look for "a fault of the program" in the log/,
  },
  'small-buffer': {
    broken: one({
      ...shed(0, 500),
      'hunt_queue_entries{queue="gateway-inflight"}': 5,
      'hunt_queue_limit_entries{queue="gateway-inflight"}': 5,
    }),
    quiet: one(shed(0, 5)),
    where: /^queue gateway-inflight of one$/,
    says: [/100 commands a second are turned away, 9%/, /5 commands were seen to wait, 5 may/],
    helps: /Raise gateway.inflightMaxCommands/,
    settings: [['gateway.inflightMaxCommands', '5']],
  },
  'partition-apart': {
    broken: one({
      ...shed(0, 500),
      'hunt_gateway_partition_shed_commands_total{partition="3"}': [0, 400],
      'hunt_gateway_partition_shed_commands_total{partition="1"}': [10, 110],
      'hunt_queue_oldest_seconds{queue="gateway-partition",partition="3"}': 2.5,
    }),
    quiet: one({
      ...shed(0, 4),
      'hunt_gateway_partition_shed_commands_total{partition="3"}': [0, 4],
    }),
    where: /^partitions 1, 3, as one sees it$/,
    says: [
      /80 commands a second are turned away for partition 3, 7% of all that come/,
      /the oldest command for it waited 2.5 s/,
      /20 commands a second are turned away for partition 1/,
    ],
    helps: /hunt cluster status/,
  },
  'rate-limits': {
    broken: one({ 'hunt_gateway_rate_limited_requests_total{of="join"}': [0, 2_000] }),
    quiet: one({ 'hunt_gateway_rate_limited_requests_total{of="join"}': [0, 250] }),
    where: /^one$/,
    says: [/400 requests a second are above the rate of joins/],
    helps: /gateway.joinRatePerSecond and gateway.joinBurst/,
    settings: [
      ['gateway.joinRatePerSecond', null],
      ['gateway.joinBurst', null],
    ],
  },
  overload: {
    broken: one({
      ...thread('processors-0', 0.7, 0.01),
      ...shed(0, 1_000),
      hunt_gateway_admission_limit_commands: 128,
    }),
    quiet: one({ ...shed(0, 4), hunt_gateway_admission_limit_commands: 128 }),
    where: /^one$/,
    says: [/200 commands a second/, /lets in 128 commands/],
    helps: /Add capacity/,
    settings: [['gateway.admissionTargetMs', null]],
  },
  'refusals-while-idle': {
    broken: one({ ...shed(0, 1_000), hunt_gateway_admission_limit_commands: 64 }),
    quiet: one({
      ...thread('processors-0', 0.61, 0.005),
      ...shed(0, 1_000),
      hunt_gateway_admission_limit_commands: 64,
    }),
    where: /^one$/,
    says: [
      /200 commands a second are turned away, 17%/,
      /lets in 64 commands/,
      /at work more than 40% of the time \(main\)/,
      /half of the decisions take 2\.\d+ ms at most/,
      /log durable takes 0.4 ms/,
    ],
    helps: /Raise gateway.admissionTargetMs/,
    settings: [['gateway.admissionTargetMs', null]],
    follows: ['overload'],
  },
  brownout: {
    broken: one({
      ...brownedOut(3, { 'command-age': 2.5, refusals: 0.7 }),
      hunt_gateway_brownout_served_ratio: [0.61, 0.71],
      'hunt_gateway_read_requests_total{result="browned-out"}': [0, 500],
    }),
    quiet: one(brownedOut(0, { 'loop-delay': 0.99 })),
    where: /^one$/,
    says: [
      /level 3 of 3: .*and reads are turned away/,
      /pressure is 2.5 by how long the oldest command waits/,
      /pressure is 0.7 by the share of commands/,
      /100 reads a second/,
      /brown-out lets 61% through/,
    ],
    helps: /more cores or nodes with the role processor/,
    settings: [
      ['gateway.brownoutAgeMs', null],
      ['gateway.brownoutMost', null],
    ],
  },
  'reads-full': {
    broken: one({
      'hunt_gateway_read_requests_total{result="full"}': [0, 200],
      hunt_gateway_brownout_served_ratio: 0.85,
    }),
    quiet: one({ 'hunt_gateway_read_requests_total{result="full"}': [0, 10] }),
    where: /^one$/,
    says: [/40 reads a second are turned away, 17%/, /2 were seen/, /lets 85% through/],
    helps: /raise gateway.readsMax/,
    settings: [['gateway.readsMax', null]],
  },
  'deadlines-pass': {
    broken: one({
      'hunt_gateway_late_requests_total{of="command"}': [0, 100],
      'hunt_gateway_late_requests_total{of="read"}': [0, 400],
    }),
    quiet: one({ 'hunt_gateway_late_requests_total{of="command"}': [0, 59] }),
    where: /^one$/,
    says: [/100 requests a second come too late to be of use, 8%.*; most are of the kind read/],
    helps: /Redis or other nodes \(reads\)/,
    settings: [['gateway.deadlineMaxMs', null]],
  },
  'slow-node': {
    broken: one({
      hunt_peer_ejected_nodes: 1,
      hunt_peer_limit_requests: 4,
      hunt_peer_refused_requests_total: [0, 50],
      'hunt_peer_retries_requests_total{result="withheld"}': [0, 25],
      'hunt_gateway_read_requests_total{result="full"}': [0, 200],
    }),
    quiet: one({
      hunt_peer_ejected_nodes: 0,
      hunt_peer_refused_requests_total: 50,
      'hunt_peer_retries_requests_total{result="withheld"}': 25,
    }),
    where: /^as one sees it$/,
    says: [/1 node is not asked/, /10 calls a second/, /asked 4 things/, /5 questions a second/],
    helps: /hunt cluster status/,
    settings: [
      ['peers.inflightMax', null],
      ['peers.waitingMax', null],
    ],
    follows: ['reads-full'],
  },
  'slow-redis': {
    broken: one({
      hunt_views_read_limit_requests: 4,
      hunt_views_refused_reads_requests_total: [10, 60],
    }),
    quiet: one({
      hunt_views_read_limit_requests: 4,
      hunt_views_refused_reads_requests_total: 60,
    }),
    where: /^Redis, as one sees it$/,
    says: [/10 reads a second are not made/, /4 reads at once/],
    helps: /core of Redis/,
    settings: [['views.readsMax', null]],
  },
  'nodes-accept-plain': {
    broken: [
      {
        name: 'one',
        changes: {
          'hunt_node_encryption_state{mode="accept"}': 1,
          'hunt_node_connections_total{encryption="plain"}': 3,
        },
      },
      { name: 'two', changes: { 'hunt_node_encryption_state{mode="off"}': 1 } },
    ],
    quiet: [
      { name: 'one', changes: { 'hunt_node_encryption_state{mode="require"}': 1 } },
      { name: 'two', changes: { 'hunt_node_encryption_state{mode="off"}': 1 } },
    ],
    where: /^one$/,
    says: [/1 of 2 processes seen accept both/, /over 3 connections in plain/],
    helps: /Bring all nodes to .* accept, and to require then only/,
  },
  'starved-consumer': {
    broken: one(lag(15, 20)),
    quiet: one(lag(20, 15)),
    where: /^archiver of one$/,
    says: [/20 s behind on partition 0, 1 in all, and falls back 1 s a second/, /its thread/],
    helps: /database open, or the disk/,
    settings: [['archive.batchMaxBytes', null]],
  },
  'standings-inconsistent': {
    broken: [
      {
        name: 'one',
        changes: {
          ...down('views', 0),
          hunt_views_inconsistent_partitions: 2,
          hunt_views_inconsistency_errors_total: 3,
          hunt_views_stale_seconds: 45,
        },
      },
      { name: 'two', changes: down('views', 0) },
    ],
    quiet: one({ hunt_views_inconsistency_errors_total: 3 }),
    where: /^one$/,
    says: [/of 2 partitions are not whole/, /found 3 times/, /up to 45 s old/],
    helps: /start the process again/,
    follows: ['redis-down'],
  },
  'partition-stopped': {
    broken: one(down('processors', 0)),
    quiet: one(down('processors', 1)),
    where: /^one$/,
    says: [/processors has been left alone for 40 s/],
    helps: /healthz/,
  },
  'kafka-down': {
    broken: one(down('log', 0)),
    quiet: one(down('log', 1)),
    where: /^one$/,
    says: [/commands are refused/],
    helps: /brokers/,
  },
  'redis-down': {
    broken: [
      { name: 'one', changes: { ...down('views', 0), hunt_views_stale_seconds: 45 } },
      { name: 'two', changes: down('views', 0) },
    ],
    quiet: one(down('views', 1)),
    where: /^one and 1 more$/,
    says: [/views has been left alone for 40 s/, /up to 45 s old/],
    helps: /whether Redis runs/,
  },
  'archive-down': {
    broken: one({ ...down('archive', 0), ...lag(30, 35) }),
    quiet: one(down('archive', 1)),
    where: /^one$/,
    says: [/the log is kept for it/],
    helps: /Cassandra/,
    follows: ['starved-consumer'],
  },
  'zookeeper-down': {
    broken: one(down('coordination', 0)),
    quiet: one(down('coordination', 1)),
    where: /^one$/,
    says: [/nothing moves/],
    helps: /ZooKeeper runs/,
  },
  'clock-skew': {
    broken: [
      { name: 'one', clock: clock(0.02) },
      { name: 'two', clock: clock(-180) },
      { name: 'three', clock: clock(0.03) },
    ],
    quiet: [
      { name: 'one', clock: clock(0.02) },
      { name: 'two', clock: clock(-2) },
    ],
    where: /^two$/,
    says: [/its clock is 3 min behind most others, within 10 ms/],
    helps: /NTP set the clock of two/,
  },
};

test('there is a case for every cause', () => {
  assert.deepEqual(Object.keys(cases).sort(), allCauses.map(({ id }) => id).sort());
});

suite('a cause', () => {
  for (const [
    id,
    { broken, quiet, where, says, helps, settings = [], follows = [] },
  ] of Object.entries(cases)) {
    test(`${id} is named when it is at work, and when it just is not it is not`, () => {
      const { limit, others } = diagnosed(broken);
      assert.equal(limit?.id, id, JSON.stringify(limit));
      assert.match(limit.where, where);
      const lines = limit.evidence.map((line) => line.says).join('\n');
      for (const part of says) assert.match(lines, part);
      for (const { metric } of limit.evidence) assert.ok(metric in engineMetrics);
      assert.match(limit.helps, helps);
      assert.deepEqual(
        limit.settings.map(({ name, value }) => [name, value]),
        settings,
      );
      assert.deepEqual(
        others.map((other) => [other.id, other.followsFrom]),
        follows.map((other) => [other, id]),
      );
      assert.ok(limit.confidence >= 0.5 && limit.confidence <= 1);
      const after = diagnosed(quiet);
      assert.ok([after.limit, ...after.others].every((found) => found?.id !== id));
    });
  }
});

test('a timer at which the program has faulted is told of until the process is started again', () => {
  const { limit } = diagnosed(one(fault('timer', 3, 3)));
  assert.deepEqual([limit?.id, limit?.effect], ['program-faults', 'slows']);
});

suite('the last step to encryption', () => {
  const at = (name: string, mode: string): MadeOptions => ({
    ...{ name, changes: { [`hunt_node_encryption_state{mode="${mode}"}`]: 1 } },
  });
  const cases = [
    ['all accept or require', [at('one', 'accept'), at('two', 'require')], true, true],
    ['one is off', [at('one', 'accept'), at('two', 'off')], true, false],
    ['one is of a release that does not say', [at('one', 'accept'), { name: 'two' }], true, false],
    ['not all were seen', [at('one', 'accept'), at('two', 'accept')], false, false],
  ] as const;
  for (const [title, made, areAll, isAdvised] of cases) {
    test(`is ${isAdvised ? '' : 'not '}advised where ${title}`, () => {
      const { limit } = diagnosed(made, { areAll });
      assert.equal(limit?.id, 'nodes-accept-plain');
      assert.equal(/^Set nodes.tls.mode to require/.test(limit.helps), isAdvised, limit.helps);
    });
  }
});

test('every cause has a page, and explains causes that exist', () => {
  const ids = allCauses.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { page, explains, explainsElsewhere = [], needs } of allCauses) {
    const file = new URL(`../../../../${page}`, import.meta.url);
    assert.ok(existsSync(file), page);
    for (const id of explains) assert.ok(ids.includes(id), id);
    for (const id of explainsElsewhere) assert.ok(explains.includes(id), id);
    for (const metric of needs) assert.ok(metric in engineMetrics, metric);
  }
});

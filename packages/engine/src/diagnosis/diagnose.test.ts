/* Every cause, over pages as processes show them: one in which it is at work, and one in which it just is not. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { engineMetrics } from '../metrics/engine-metrics.ts';
import { allCauses } from './all-causes.ts';
import { type Diagnosis, diagnose, type Seen } from './diagnose.ts';
import {
  type MadeOptions,
  type MadeSeries,
  madeProcess,
  syncs,
  thread,
} from './testing/made-process.ts';

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

const one = (changes: MadeSeries) => [{ changes }];
const node = (name: string, owned: number, all: number, changes: MadeSeries = {}): MadeOptions => ({
  name,
  changes: {
    hunt_node_all_partitions: all,
    'hunt_node_partitions{part="owner"}': owned,
    ...changes,
  },
});
const clock = (aheadSeconds: number) => ({ aheadSeconds, uncertainSeconds: 0.01 });
const folds = (zero: number, first: number): MadeSeries => ({
  'hunt_processor_fold_seconds_total{partition="0"}': [10, 10 + zero],
  'hunt_processor_fold_seconds_total{partition="1"}': [10, 10 + first],
});
const shed = (from: number, to: number): MadeSeries => ({
  'hunt_gateway_commands_total{result="shed"}': [from, to],
});
const down = (dependency: string, state: number): MadeSeries => ({
  [`hunt_dependency_up_state{dependency="${dependency}"}`]: state,
  [`hunt_dependency_down_seconds{dependency="${dependency}"}`]: state === 1 ? 0 : 40,
});
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
const onePartition = {
  without: [
    'hunt_processor_fold_seconds_total{partition="1"}',
    ...['active', 'idle', 'gc', 'heap', 'delay'].flatMap((of) =>
      [
        'seconds_total',
        'max_seconds',
        'p99_seconds',
        'collections_total',
        'bytes',
        'limit_bytes',
      ].map((unit) => `hunt_thread_${of}_${unit}{thread="processors-1"`),
    ),
  ],
};

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
  'starved-consumer': {
    broken: one(lag(15, 20)),
    quiet: one(lag(20, 15)),
    where: /^archiver of one$/,
    says: [/20 s behind on partition 0, 1 in all, and falls back 1 s a second/, /its thread/],
    helps: /database open, or the disk/,
    settings: [['archive.batchMaxBytes', null]],
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

const diagnosed = (
  made: readonly MadeOptions[],
  { unread = [], areAll = true }: Partial<Seen> = {},
): Diagnosis => diagnose(allCauses, { processes: made.map(madeProcess), unread, areAll });

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

test('nothing limits what is well, and its headroom is told', () => {
  const { limit, others, headroom, unjudged } = diagnosed([{ clock: clock(0) }]);
  assert.equal(limit, null);
  assert.deepEqual([others, unjudged], [[], []]);
  assert.deepEqual(headroom.busiestThread?.name, 'main of one');
  assert.ok(Math.abs(headroom.busiestThread.busy - 0.4) < 1e-9);
  assert.equal(headroom.decidedPerSecond, 1_000);
  assert.equal(headroom.kneeRatio, 0.4);
  assert.ok(headroom.decisionP99Seconds! > 0.005 && headroom.decisionP99Seconds! <= 0.01);
});

test('what admission measured counts only while it limits', () => {
  const knee = (limit: number) =>
    diagnosed(
      one({
        'hunt_gateway_knee_ratio{source="admission"}': 9,
        hunt_gateway_admission_limit_commands: limit,
      }),
    ).headroom.kneeRatio;
  assert.deepEqual([knee(Number.POSITIVE_INFINITY), knee(64)], [0.4, 9]);
});

test('a process that shows little leaves causes unjudged, by their metrics', () => {
  const { unjudged } = diagnosed([
    { without: ['hunt_gateway_', 'hunt_lag', 'hunt_process_clock'] },
  ]);
  assert.deepEqual(
    unjudged.map(({ cause }) => cause),
    [
      ...['gateway-busy', 'small-buffer', 'rate-limits', 'overload', 'refusals-while-idle'],
      ...['brownout', 'reads-full', 'deadlines-pass', 'starved-consumer', 'clock-skew'],
    ],
  );
  assert.deepEqual(unjudged[8]!.metrics, ['hunt_lag_seconds']);
});

test('owners are not counted where a node could not be read, or nobody knows whether there are more', () => {
  const unread = [{ what: 'two', reason: 'no answer within 5 s' }];
  const diagnosis = diagnosed([node('one', 2, 8)], { unread });
  assert.equal(diagnosis.limit, null);
  assert.equal(diagnosed([node('one', 2, 8)], { areAll: false }).limit, null);
  assert.deepEqual(diagnosis.unread, unread);
});

/** A node whose page tells who is to own partitions: of others by name, and nobody. */
const telling = (
  name: string,
  partitions: { owns?: number; toOwn: number; elsewhere: Readonly<Record<string, number>> },
  unassigned = 0,
): MadeOptions => ({
  name: `10.0.0.1:${name.length}`,
  changes: {
    ...(partitions.owns !== undefined && {
      'hunt_node_partitions{part="owner"}': partitions.owns,
      hunt_node_all_partitions: 8,
    }),
    [`hunt_node_assigned_partitions{node="${name}",place="here"}`]: partitions.toOwn,
    ...Object.fromEntries(
      Object.entries(partitions.elsewhere).map(([node, count]) => [
        `hunt_node_assigned_partitions{node="${node}",place="elsewhere"}`,
        count,
      ]),
    ),
    hunt_node_unassigned_partitions: unassigned,
  },
});

suite('of addresses that somebody named', () => {
  const named = (...made: readonly MadeOptions[]) => {
    const { limit, others, unknown } = diagnosed(made, { areAll: false });
    assert.deepEqual(others, []);
    return {
      says: limit?.id === 'partitions-without-owner' && limit.evidence.map(({ says }) => says),
      unknown: unknown.map(({ reason }) => reason),
    };
  };
  const gate = telling('gate', { toOwn: 0, elsewhere: { one: 4, three: 4 } });
  const one = telling('one', { owns: 4, toOwn: 4, elsewhere: { three: 4 } });
  const three = (owns: number) => telling('three', { owns, toOwn: 4, elsewhere: { one: 4 } });

  test('those that cover the assignment are enough to know that all partitions have owners, or not', () => {
    assert.deepEqual(named(one, three(4)), { says: false, unknown: [] });
    assert.deepEqual(named(gate, one, three(4)), { says: false, unknown: [] });
    assert.deepEqual(named(one, three(1)), {
      says: [
        '5 of 8 partitions have an owner',
        '3 of 8 partitions are assigned to nodes that answer, and do not own them',
      ],
      unknown: [],
    });
  });

  test('nodes that are missing are named, and nothing is said of their partitions', () => {
    const { says, unknown } = named(gate, one);
    assert.equal(says, false);
    assert.deepEqual(unknown, [
      'of 8 partitions some are to be owned by nodes that were not read: three (4). Name each node with --target, or all with --cluster.',
    ]);
    assert.match(named(gate).unknown[0]!, /not read: one \(4\), three \(4\)\./);
  });

  test('what is assigned to nobody has no owner, whoever else is missing', () => {
    const left = telling('gate', { toOwn: 0, elsewhere: { one: 6 } }, 2);
    assert.deepEqual(named(left), {
      says: ['2 of 8 partitions are assigned to no node'],
      unknown: [],
    });
    // One that has read a newer assignment says that somebody is to own them.
    assert.equal(named(left, telling('one', { owns: 8, toOwn: 8, elsewhere: {} })).says, false);
  });

  test('a partition that moves while one looks has an owner', () => {
    const moves = telling('one', { owns: 4, toOwn: 4, elsewhere: { three: 4 } }, 0);
    const changes = {
      ...moves.changes,
      'hunt_node_assigned_partitions{node="one",place="here"}': [3, 4] as const,
      'hunt_node_partitions{part="owner"}': [3, 3] as const,
      'hunt_node_assigned_partitions{node="three",place="elsewhere"}': [5, 4] as const,
    };
    const gives = three(5).changes;
    const gave = { ...gives, 'hunt_node_partitions{part="owner"}': [5, 4] as const };
    const made = [
      { ...moves, changes },
      { name: 'three', changes: gave },
    ];
    assert.equal(named(...made).says, false);
  });

  test('of nodes that do not tell the assignment nobody knows whether they are all, unless they own all', () => {
    const { unknown } = named(node('one', 2, 8));
    assert.match(unknown[0]!, /^the nodes that were read own 2 of 8 partitions, and do not tell/);
    assert.deepEqual(named(node('one', 4, 8), node('two', 4, 8)).unknown, []);
    assert.deepEqual(named({}).unknown, [], 'one process is no cluster');
  });
});

test('of several causes the one that hurts players most comes first', () => {
  const { limit, others } = diagnosed([
    { changes: { ...down('views', 0), ...down('log', 0), ...syncs(0.08, 100) }, clock: clock(-60) },
  ]);
  const ids = [limit!, ...others].map(({ id }) => id);
  assert.deepEqual(ids, ['kafka-down', 'clock-skew', 'slow-disk', 'redis-down']);
});

test('a thread that is late by itself makes no disk slow, and a stuck disk has no syncs', () => {
  const late = {
    ...syncs(0.03, 100),
    'hunt_thread_delay_p99_seconds{thread="processors-0"}': 0.025,
  };
  assert.equal(diagnosed(one(late)).limit, null);
  const stuck = {
    ...syncs(0, 0),
    'hunt_queue_oldest_seconds{queue="log-inflight",partition="0"}': 1,
  };
  const { limit } = diagnosed(one(stuck));
  assert.equal(limit?.id, 'slow-disk');
  assert.match(limit.evidence[0]!.says, /nothing became durable/);
});

test('in a cluster a hot partition is moved, and few partitions are those of all nodes', () => {
  const busy = thread('processors-0', 0.95, 0);
  const hot = diagnosed([node('one', 2, 2, { ...busy, ...folds(4, 0.1) })]);
  assert.equal(hot.limit?.id, 'hot-partition');
  assert.match(hot.limit.helps, /hunt cluster move 0 NODE/);
  const alone = (name: string) => ({
    ...node(name, 1, 2, busy),
    without: onePartition.without,
  });
  const few = diagnosed([alone('one'), alone('two')]);
  assert.equal(few.limit?.id, 'too-few-partitions');
  assert.equal(few.limit.where, '2 nodes');
});

test('a gateway whose thread is busy has no small buffer when it sheds', () => {
  const { limit, others } = diagnosed(one({ ...thread('main', 0.95, 0.02), ...shed(0, 500) }));
  assert.deepEqual([limit?.id, others], ['gateway-busy', []]);
});

test('a buffer that is smaller than what admission lets in is what sheds', () => {
  const { limit, others } = diagnosed(
    one({
      ...shed(0, 500),
      hunt_gateway_admission_limit_commands: 64,
      'hunt_queue_limit_entries{queue="gateway-inflight"}': 5,
    }),
  );
  assert.deepEqual([limit?.id, others], ['small-buffer', []]);
});

test('refusals are those of an idle server only where nobody is busy, and all the time', () => {
  const refusing = { ...shed(0, 1_000), hunt_gateway_admission_limit_commands: 64 };
  const isFound = (...made: readonly MadeOptions[]) => {
    const { limit, others } = diagnosed(made);
    return [limit, ...others].some((found) => found?.id === 'refusals-while-idle');
  };
  const whenAlso = (changes: MadeSeries) => isFound({ changes: { ...refusing, ...changes } });
  assert.ok(whenAlso({}));
  assert.ok(!whenAlso(thread('main', 0.65, 0.02)), 'the gateway is busy');
  assert.ok(!whenAlso({ hunt_process_cpu_seconds_total: [100, 116.5] }), 'the cores are');
  assert.ok(!whenAlso(shed(0, 40)), 'hardly anybody is refused');
  // A probe lets in few for a moment.
  const limit = (from: number) => ({ hunt_gateway_admission_limit_commands: [from, 64] }) as const;
  assert.ok(!whenAlso(limit(Number.POSITIVE_INFINITY)));
});

test('refusals are those of an idle cluster only where all who own partitions are known', () => {
  const gateway = {
    ...{ name: 'gate', without: ['hunt_thread_active_seconds_total{thread="processors'] },
    changes: { ...shed(0, 1_000), hunt_gateway_admission_limit_commands: 64 },
  };
  // Named by --target: nobody says whether there are more nodes.
  const isFound = (made: readonly MadeOptions[], seen: Partial<Seen> = { areAll: false }) => {
    const { limit, others } = diagnosed([gateway, ...made], seen);
    return [limit, ...others].some((found) => found?.id === 'refusals-while-idle');
  };
  assert.ok(!isFound([]), 'nothing is known of those who decide');
  assert.ok(isFound([node('one', 2, 4), node('two', 2, 4)]));
  assert.ok(!isFound([node('one', 2, 4), node('two', 2, 4, thread('processors-1', 0.7, 0.01))]));
  assert.ok(!isFound([node('one', 2, 4)]), 'one that was not named may be busy');
  const unread = [{ what: 'two', reason: 'no answer within 5 s' }];
  assert.ok(!isFound([node('one', 2, 4)], { unread }), 'one that did not answer may be');
  assert.ok(isFound([node('one', 4, 4)], { unread }), 'who owns nothing decides nothing');
  // A partition went from an owner that was named to one that was not.
  const left = node('two', 2, 4, { 'hunt_node_partitions{part="owner"}': [2, 1] });
  assert.ok(!isFound([node('one', 2, 4), left]));
});

test('what is at work in one process explains nothing in another', () => {
  const busy = thread('main', 0.95, 0.02);
  const { limit, others } = diagnosed([
    { name: 'one', changes: thread('main', 0.5, 0.4, 'major') },
    { name: 'two', changes: busy },
  ]);
  assert.equal(limit?.id, 'gc-pressure');
  assert.deepEqual(
    others.map(({ id, where, followsFrom }) => [id, where, followsFrom]),
    [['gateway-busy', 'thread main of two', null]],
  );
});

test('no process is blamed where only the clock here is off', () => {
  const { limit } = diagnosed([
    { name: 'one', clock: clock(60) },
    { name: 'two', clock: clock(60.1) },
  ]);
  assert.equal(limit, null);
});

test('whose clock is wrong nobody knows of two', () => {
  const { limit } = diagnosed([{ clock: clock(180) }]);
  assert.equal(limit?.id, 'clock-skew');
  assert.match(limit.helps, /one of them is wrong/);
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

/* What is said of processes where several causes are at work, one nearly, or none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosed } from './testing/diagnosed.ts';
import { syncs, thread } from './testing/made-process.ts';
import { clock, down, folds, node, one, onePartition, shed } from './testing/made-series.ts';

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
      'partition-apart',
      ...['brownout', 'reads-full', 'deadlines-pass', 'starved-consumer', 'clock-skew'],
    ],
  );
  assert.deepEqual(unjudged[9]!.metrics, ['hunt_lag_seconds']);
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

test('a full table that empties itself is waited for, and one of teams is not', () => {
  const full = (table: string) => ({
    [`hunt_processor_full_table_refusals_total{partition="0",table="${table}"}`]: [3, 8] as const,
  });
  const helps = (...tables: readonly string[]) => {
    const { limit, others } = diagnosed(one(Object.assign({}, ...tables.map(full))));
    assert.deepEqual([limit?.id, others], ['full-table', []]);
    return limit!.helps;
  };
  assert.match(helps('outbox', 'timers'), /^Wait until fewer come/);
  assert.match(helps('slots'), /rows of teams, players and hunts are kept for good/);
  assert.match(helps('outbox', 'slots'), /^Raise processor.tableMaxRows/);
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

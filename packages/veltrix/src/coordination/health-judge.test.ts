import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import type { PartitionReport } from './coordinator.ts';
import { HealthJudge } from './health-judge.ts';

suite('the judge of health', () => {
  const settings = { silentAfterMs: 3_000, stuckAfterMs: 5_000, stuckMemoryMs: 60_000 };
  let problems: CodedError[];
  let judge: HealthJudge;
  let sequence: number;

  beforeEach(() => {
    problems = [];
    sequence = 0;
    judge = new HealthJudge(settings, (error) => problems.push(error as CodedError));
  });

  function see(fold: Partial<PartitionReport> | undefined, isNew = true, instance = 'life-1') {
    if (isNew) sequence += 1;
    const report = {
      partition: 4,
      part: 'owner' as const,
      epoch: 1,
      progress: 7,
      waiting: 3,
      queueAgeMs: 0,
      lag: 0,
      cost: 1,
    };
    const partitions = fold === undefined ? [] : [{ ...report, ...fold }];
    const load = { instance, sequence, cpu: 0, eventLoopDelayMs: 0, draining: false, partitions };
    judge.observe(['a'], new Map([['a', load]]), 1_000);
  }

  test('a node that has only just come is given time to report, and named when it does not', () => {
    judge.observe(['a'], new Map(), 1_000);
    assert.deepEqual([judge.isResponsive('a'), judge.hasReported('a')], [true, false]);
    for (let round = 0; round < 2; round++) judge.observe(['a'], new Map(), 1_000);
    assert.equal(judge.isResponsive('a'), false);
    assert.deepEqual(
      problems.map(({ id }) => id),
      ['veltrix-node-not-responsive'],
    );
    see({});
    assert.deepEqual([judge.isResponsive('a'), judge.hasReported('a')], [true, true]);
  });

  test('a heartbeat that does not change is none; it is named once, and a new one mends it', () => {
    see({});
    for (let round = 0; round < 2; round++) see({}, false);
    assert.equal(judge.isResponsive('a'), true);
    for (let round = 0; round < 5; round++) see({}, false);
    assert.equal(judge.isResponsive('a'), false);
    assert.deepEqual(
      problems.map(({ id, details }) => [id, details['milliseconds']]),
      [['veltrix-node-not-responsive', 3_000]],
    );
    see({});
    assert.equal(judge.isResponsive('a'), true);
    for (let round = 0; round < 5; round++) see({}, false);
    assert.equal(problems.length, 2);
  });

  test('another life of the node is a heartbeat, whatever its number', () => {
    see({});
    for (let round = 0; round < 5; round++) see({}, false);
    see({}, false, 'life-2');
    assert.equal(judge.isResponsive('a'), true);
  });

  test('work that waits without progress is a stuck partition, not a silent node', () => {
    for (let round = 0; round < 7; round++) see({});
    assert.equal(judge.isResponsive('a'), true);
    assert.deepEqual([...judge.stuck], [[4, new Set(['a'])]]);
    assert.deepEqual(
      problems.map(({ id, details }) => [id, details['partition'], details['milliseconds']]),
      [['veltrix-partition-stuck', 4, 5_000]],
    );
  });

  test('without work, with progress, or as a copy, it is not stuck', () => {
    for (let round = 0; round < 20; round++) see({ waiting: 0 });
    for (let round = 0; round < 20; round++) see({ progress: round });
    for (let round = 0; round < 20; round++) see({ part: 'standby' });
    assert.equal(judge.stuck.size, 0);
    assert.deepEqual(problems, []);
  });

  test('silence is not also called stuck', () => {
    see({});
    for (let round = 0; round < 20; round++) see({}, false);
    assert.equal(judge.stuck.size, 0);
  });

  test('where it was stuck is remembered for a while after it moved; progress forgives at once', () => {
    for (let round = 0; round < 7; round++) see({});
    see(undefined);
    for (let round = 0; round < 50; round++) see(undefined);
    assert.equal(judge.stuck.size, 1);
    for (let round = 0; round < 10; round++) see(undefined);
    assert.equal(judge.stuck.size, 0);
    for (let round = 0; round < 7; round++) see({});
    assert.equal(judge.stuck.size, 1);
    see({ progress: 8 });
    assert.equal(judge.stuck.size, 0);
  });

  test('a node that left is forgotten', () => {
    see({});
    judge.observe([], new Map(), 1_000);
    assert.equal(judge.isResponsive('a'), false);
    assert.deepEqual(problems, []);
  });
});

/* Who is turned away by servers that have nothing to do, and where that is not known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seen } from '../diagnose.ts';
import { diagnosed } from '../testing/diagnosed.ts';
import { type MadeOptions, type MadeSeries, thread } from '../testing/made-process.ts';
import { node, shed } from '../testing/made-series.ts';

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

/* Requests that nobody waits for any more: those that were begun too late, and those that were taken back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosed } from '../testing/diagnosed.ts';
import type { MadeSeries } from '../testing/made-process.ts';
import { down, one } from '../testing/made-series.ts';

/** Until the last look, of 5,000 commands in 5 s. */
const withdrawn = (commands: number): MadeSeries => ({
  'hunt_gateway_commands_total{result="withdrawn"}': [0, commands],
});
const lateJoins = (joins: number): MadeSeries => ({
  'hunt_gateway_late_requests_total{of="join"}': [0, joins],
});

test('commands that were taken back count, and are looked for at the log first', () => {
  const { limit } = diagnosed(one(withdrawn(500)));
  assert.equal(limit?.id, 'deadlines-pass');
  assert.match(
    limit.evidence.map(({ says }) => says).join('\n'),
    /100 commands a second are taken back unbegun/,
  );
  assert.match(limit.helps, /whether Kafka answers/);
  assert.equal(diagnosed(one(withdrawn(55))).limit, null, 'less than a hundredth');
});

test('joins whose record was taken back are looked for at the log, others at who people are', () => {
  const helps = (changes: MadeSeries) => diagnosed(one(changes)).limit?.helps ?? '';
  assert.match(helps({ ...lateJoins(500), ...withdrawn(500) }), /whether Kafka answers/);
  assert.match(helps({ ...lateJoins(500), ...withdrawn(10) }), /who people are/);
});

test('commands that were taken back follow from a Kafka that does not answer', () => {
  const { limit, others } = diagnosed(one({ ...withdrawn(500), ...down('log', 0) }));
  assert.equal(limit?.id, 'kafka-down');
  assert.deepEqual(
    others.map(({ id, followsFrom }) => [id, followsFrom]),
    [['deadlines-pass', 'kafka-down']],
  );
});

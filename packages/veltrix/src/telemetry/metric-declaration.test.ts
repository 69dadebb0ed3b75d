import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declareMetrics, type MetricDeclaration } from './metric-declaration.ts';

const sound: MetricDeclaration = {
  type: 'gauge',
  help: 'Of a test.',
  owner: 'test',
  whenItMoves: 'Nothing.',
};

test('metrics of several roles are one catalog', () => {
  const catalog = declareMetrics({ a_bytes: sound }, { b_commands_per_second: sound });
  assert.deepEqual(Object.keys(catalog), ['a_bytes', 'b_commands_per_second']);
});

test('what nobody could understand or afford is refused with its name and reason', () => {
  const two = { upTo: 200, of: 'things' };
  const cases: readonly [string, Partial<MetricDeclaration>, RegExp][] = [
    ['queue_depth', {}, /no unit at its end, but "depth"/],
    ['queueBytes', {}, /not lower-case words/],
    ['bytes', {}, /not lower-case words/],
    ['sent_commands', { type: 'counter' }, /a counter without _total/],
    ['sent_commands_total', {}, /ends in _total but is no counter/],
    ['a_bytes', { whenItMoves: '' }, /does not say what it is/],
    ['a_seconds', { type: 'histogram' }, /a histogram without buckets/],
    ['a_seconds', { type: 'histogram', buckets: [2, 1] }, /buckets that do not grow/],
    ['a_seconds', { buckets: [1, 2] }, /has buckets/],
    ['a_bytes', { labels: { le: ['x'] } }, /the label "le", which is no name/],
    ['a_bytes', { labels: { of: [] } }, /no bound on the label "of"/],
    ['a_bytes', { labels: { of: { upTo: Number.POSITIVE_INFINITY, of: '' } } }, /no bound/],
    ['a_bytes', { labels: { one: two, other: two } }, /may have 40000 series; at most 20000/],
  ];
  for (const [name, wrong, message] of cases) {
    const declare = () => declareMetrics({ [name]: { ...sound, ...wrong } });
    assert.throws(declare, { id: 'veltrix-metric-invalid', message });
  }
  assert.throws(() => declareMetrics({ a_bytes: sound }, { a_bytes: sound }), /is declared twice/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from './histogram.ts';
import { declareMetrics } from './metric-declaration.ts';
import { MetricRegistry } from './metric-registry.ts';

const about = { owner: 'test', whenItMoves: 'Nothing.' };
const catalog = declareMetrics({
  one_commands_total: { ...about, type: 'counter', help: 'One,\nwith a \\.' },
  two_bytes: { ...about, type: 'gauge', help: 'Two.', labels: { of: ['a', 'b'] } },
  three_seconds: { ...about, type: 'histogram', help: 'Three.', buckets: [0.1, 1] },
  four_entries: {
    ...about,
    type: 'gauge',
    help: 'Four.',
    labels: { of: ['a'], number: { upTo: 2, of: 'numbers' } },
  },
});

test('counters, gauges and histograms as text, in the order of the catalog', () => {
  const registry = new MetricRegistry(catalog);
  const seconds = registry.histogram('three_seconds');
  registry.measure('two_bytes', ['of'], (emit) => {
    emit(Number.POSITIVE_INFINITY, 'a');
    emit(2.5, 'b');
  });
  registry.value('one_commands_total', () => 3);
  seconds.observe(0.1);
  seconds.observe(0.5, 4);
  seconds.observe(7);
  assert.equal(
    registry.text(),
    `# HELP one_commands_total One,\\nwith a \\\\.
# TYPE one_commands_total counter
one_commands_total 3
# HELP two_bytes Two.
# TYPE two_bytes gauge
two_bytes{of="a"} +Inf
two_bytes{of="b"} 2.5
# HELP three_seconds Three.
# TYPE three_seconds histogram
three_seconds_bucket{le="0.1"} 1
three_seconds_bucket{le="1"} 5
three_seconds_bucket{le="+Inf"} 6
three_seconds_sum 9.1
three_seconds_count 6
`,
  );
});

test('what is not declared is refused when it is registered', () => {
  const registry = new MetricRegistry<string>(catalog);
  const refused = (register: () => void, message: RegExp) =>
    assert.throws(register, { id: 'veltrix-metric-invalid', message });
  refused(() => registry.value('five_bytes', () => 1), /is not declared/);
  refused(() => registry.measure('two_bytes', ['team'], () => {}), /has no label "team"/);
  refused(() => registry.value('two_bytes', () => 1), /lacks its label "of"/);
  refused(() => registry.value('three_seconds', () => 1), /is a histogram/);
  refused(() => registry.histogram('one_commands_total'), /is no histogram/);
  registry.value('one_commands_total', () => 1);
  refused(() => registry.value('one_commands_total', () => 1), /is measured twice/);
  registry.histogram('three_seconds');
  refused(() => registry.histogram('three_seconds'), /is measured twice/);
});

test('labels stay within their bounds, also over time; the rest is counted as dropped', () => {
  const registry = new MetricRegistry(catalog);
  let numbers = ['0', '1'];
  registry.measure('four_entries', ['of', 'number'], (emit) => {
    for (const number of numbers) emit(1, 'a', number);
    emit(2, 'a', '');
  });
  assert.match(registry.text(), /^four_entries\{of="a",number="1"\} 1$/m);
  assert.match(registry.text(), /^four_entries\{of="a"\} 2$/m);
  assert.equal(registry.droppedSamples, 0);
  numbers = ['1', '2'];
  assert.doesNotMatch(registry.text(), /number="2"/);
  assert.equal(registry.droppedSamples, 1);
});

test('an undeclared word, a missing label, a repetition and what is no number are left out', () => {
  const registry = new MetricRegistry(catalog);
  registry.measure('two_bytes', ['of'], (emit) => {
    emit(1, 'a');
    emit(2, 'a');
    emit(3, 'c');
    emit(4);
    emit(Number.NaN, 'b');
  });
  assert.match(registry.text(), /gauge\ntwo_bytes\{of="a"\} 1\n$/);
  assert.equal(registry.droppedSamples, 4);
});

test('a histogram that another thread writes is read from its memory', () => {
  const registry = new MetricRegistry(catalog);
  const memory = Histogram.memory([0.1, 1]);
  registry.histogram('three_seconds', {}, memory);
  new Histogram([0.1, 1], memory).observe(0.5, 3);
  assert.match(registry.text(), /^three_seconds_bucket\{le="1"\} 3$/m);
  assert.match(registry.text(), /^three_seconds_sum 1.5$/m);
});

test('samplers run when the process says so', () => {
  const registry = new MetricRegistry(catalog);
  let samples = 0;
  registry.onSample(() => {
    samples += 1;
  });
  registry.sample();
  registry.text();
  assert.equal(samples, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricRegistry } from 'veltrix/telemetry';
import { engineMetrics } from '../metrics/engine-metrics.ts';
import { readMetricsPage } from './metrics-page.ts';
import { ProcessFacts } from './process-facts.ts';

test('what a registry writes is read again: labels, escapes, infinity, histograms', () => {
  const registry = new MetricRegistry(engineMetrics);
  const odd = 'a "b" \\ c\nd, e="f"';
  registry.value('hunt_gateway_admission_limit_commands', () => Number.POSITIVE_INFINITY);
  registry.measure('hunt_thread_heap_bytes', ['thread'], (emit) => {
    emit(12.5, odd);
    emit(3e21, 'main');
  });
  registry.histogram('hunt_gateway_decision_seconds').observe(0.003, 4);
  const page = readMetricsPage(registry.text());
  assert.deepEqual(page.get('hunt_thread_heap_bytes'), [
    { labels: { thread: odd }, value: 12.5 },
    { labels: { thread: 'main' }, value: 3e21 },
  ]);
  assert.equal(page.get('hunt_gateway_admission_limit_commands')![0]!.value, Infinity);
  assert.equal(page.get('hunt_gateway_decision_seconds_count')![0]!.value, 4);
  assert.deepEqual(page.get('hunt_gateway_decision_seconds_bucket')!.at(-1)!.labels, {
    le: '+Inf',
  });
});

test('what nothing declares is left out, as are times and numbers that are none', () => {
  const page = readMetricsPage(
    'up 1\nhunt_process_uptime_seconds 5 1700000000000\n# x\n\nhunt_queue_bytes{queue="outbox",} NaN\n',
  );
  assert.deepEqual([...page.keys()], ['hunt_process_uptime_seconds']);
});

test('what is no metric is refused with its line', () => {
  for (const bad of ['<html>', 'hunt_x{a=b} 1', 'hunt_x{a="b} 1', 'hunt_x one', 'hunt_x']) {
    assert.throws(() => readMetricsPage(`ok 1\n${bad}`), /line 2 is no metric/, bad);
  }
});

const process = (...pages: readonly string[]) =>
  new ProcessFacts(
    'one',
    pages.map((text, index) => ({ at: index * 2, page: readMetricsPage(text) })),
  );

test('rates are by series; one that is new or fell began at nothing', () => {
  const name = 'hunt_processor_fold_seconds_total';
  const facts = process(
    `${name}{partition="0"} 10\n${name}{partition="1"} 50`,
    `${name}{partition="0"} 13\n${name}{partition="1"} 4\n${name}{partition="2"} 2`,
  );
  const rates = facts.rates(name).map(({ labels, value }) => [labels['partition'], value]);
  assert.deepEqual(rates, [
    ['0', 1.5],
    ['1', 2],
    ['2', 1],
  ]);
  assert.equal(facts.rate(name), 4.5);
  assert.equal(facts.rate(name, { partition: '2' }), 1);
  assert.throws(() => facts.rate(name, { thread: 'x' }), /has no label "thread"/);
});

test('gauges have a highest, a lowest and a course over all looks', () => {
  const name = 'hunt_gateway_inflight_commands';
  const facts = process(`${name} 3`, `${name} 9`, `${name} 1`);
  assert.deepEqual([facts.most(name), facts.peak(name), facts.least(name)], [1, 9, 1]);
  assert.deepEqual(facts.course(name, {}), [3, 1]);
  assert.equal(facts.most('hunt_process_resident_bytes'), undefined);
  assert.ok(facts.has(name) && !facts.has('hunt_processor_log_sync_seconds'));
});

test('quantiles of what was observed between the looks are those of Prometheus', () => {
  const name = 'hunt_processor_log_sync_seconds';
  const page = (low: number, mid: number, all: number, sum: number) =>
    `${name}_bucket{thread="a",le="0.01"} ${low}\n${name}_bucket{thread="a",le="0.1"} ${mid}\n` +
    `${name}_bucket{thread="a",le="+Inf"} ${all}\n${name}_sum{thread="a"} ${sum}\n${name}_count{thread="a"} ${all}\n`;
  const growth = process(page(100, 100, 100, 1), page(150, 190, 200, 9)).histogram(name);
  assert.equal(growth.count, 100);
  assert.equal(growth.mean, 0.08);
  assert.ok(Math.abs(growth.quantile(0.25)! - 0.005) < 1e-12);
  assert.ok(Math.abs(growth.quantile(0.7)! - 0.055) < 1e-12);
  assert.equal(growth.quantile(0.99), 0.1, 'above the last bound');
  const nothing = process(page(1, 1, 1, 1), page(1, 1, 1, 1)).histogram(name);
  assert.deepEqual([nothing.mean, nothing.quantile(0.5)], [undefined, undefined]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineMetrics } from '@hunt/engine/metrics';
import { checkQuery, grafanaJson, of, quantile, rate } from './dashboard.ts';
import { dashboards } from './dashboards.ts';

const refuses = (expr: string, message: RegExp) =>
  assert.throws(() => checkQuery(expr, 'a test'), { id: 'veltrix-metric-invalid', message });

test('a query about a metric or a label that is gone is refused, and says where it stands', () => {
  refuses(rate('hunt_gateway_gone_total'), /hunt_gateway_gone_total is asked for by a test/);
  refuses(of('hunt_gateway_decision_seconds'), /but is not declared/);
  refuses(of('hunt_queue_entries_bucket'), /but is not declared/);
  refuses(of('hunt_queue_entries', 'team="x"'), /has no label "team", which a test asks for/);
  refuses(`1 + ${of('hunt_gateway_impairments')} / hunt_lost_bytes`, /hunt_lost_bytes/);
  checkQuery(quantile(0.9, 'hunt_gateway_decision_seconds'), 'a test');
  checkQuery(of('hunt_queue_entries', 'queue="outbox",partition!~"1.*"'), 'a test');
});

test('a dashboard with such a query is not made', () => {
  const queries = [{ expr: 'hunt_old_bytes', legend: '' }];
  const panel = { title: 'Old', description: 'Old.', unit: 'bytes', queries } as const;
  assert.throws(
    () => grafanaJson({ name: 'old', title: 'old', rows: [{ title: 'row', panels: [panel] }] }),
    /hunt_old_bytes is asked for by panel "Old" of dashboard old/,
  );
});

test('names, titles and places of panels are each there once', () => {
  assert.equal(new Set(dashboards.map(({ name }) => name)).size, dashboards.length);
  for (const dashboard of dashboards) {
    const { panels } = JSON.parse(grafanaJson(dashboard)) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number } }[];
    };
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const places = panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    assert.equal(new Set(places).size, places.length);
    assert.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24));
  }
});

test('every metric is on a dashboard', () => {
  const text = dashboards.map(grafanaJson).join();
  const missing = Object.keys(engineMetrics).filter((name) => !text.includes(name));
  assert.deepEqual(missing, ['hunt_queue_limit_entries', 'hunt_queue_limit_bytes']);
});

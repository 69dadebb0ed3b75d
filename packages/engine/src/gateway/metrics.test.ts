import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './metrics.ts';

test('counters, gauges and histograms as text', () => {
  const metrics = new Metrics();
  metrics.add(
    { name: 'one_total', help: 'One.', type: 'counter', read: () => 3 },
    { name: 'two', help: 'Two.', type: 'gauge', read: () => ({ '{of="a"}': 1, '{of="b"}': 2.5 }) },
  );
  const seconds = metrics.histogram('three_seconds', 'Three.', [0.1, 1]);
  seconds.observe(0.1);
  seconds.observe(0.5, 4);
  seconds.observe(7);
  assert.equal(
    metrics.text(),
    `# HELP one_total One.
# TYPE one_total counter
one_total 3
# HELP two Two.
# TYPE two gauge
two{of="a"} 1
two{of="b"} 2.5
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

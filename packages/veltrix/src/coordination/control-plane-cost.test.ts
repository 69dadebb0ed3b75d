import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlPlaneCost } from './control-plane-cost.ts';

test('messages and bytes per node stay flat from 1 to 64 nodes', (context) => {
  const costs = [1, 3, 8, 15, 16, 24, 32, 64].map((nodes) => ({
    nodes,
    ...controlPlaneCost({ nodes, partitionsPerNode: 8, seconds: 120 }),
  }));
  for (const { nodes, messages, bytes, cpuMs } of costs) {
    context.diagnostic(
      `${nodes} nodes: ${messages.toFixed(2)} messages, ${bytes.toFixed(0)} bytes and ${cpuMs.toFixed(3)} ms of work per node and second`,
    );
  }
  for (const measure of ['messages', 'bytes'] as const) {
    // A node that is alone has no copies of others to report.
    const values = costs.slice(1).map((cost) => cost[measure]);
    const ratio = Math.max(...values) / Math.min(...values);
    assert.ok(ratio <= 1.2, `${measure} differ by ${ratio.toFixed(2)}`);
  }
});

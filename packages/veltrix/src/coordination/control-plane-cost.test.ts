import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestCluster } from './test-cluster.ts';

test('messages and bytes per node stay flat from 1 to 64 nodes', (context) => {
  const partitionsPerNode = 8;
  const costs = [1, 3, 8, 15, 16, 24, 32, 64].map((count) => {
    const cluster = new TestCluster(count * partitionsPerNode, 8);
    const nodes = cluster.startMany(count);
    cluster.runUntil(() => cluster.isWhole(), 300_000, 'a whole assignment');
    cluster.runFor(120_000);
    const traffic = () =>
      nodes
        .map(({ nodeId }) => ({ ...cluster.service.trafficOf(nodeId) }))
        .reduce((sum, one) => ({
          messages: sum.messages + one.messages,
          bytes: sum.bytes + one.bytes,
        }));
    const before = traffic();
    const seconds = 120;
    cluster.runFor(seconds * 1_000);
    const after = traffic();
    return {
      count,
      messages: (after.messages - before.messages) / count / seconds,
      bytes: (after.bytes - before.bytes) / count / seconds,
    };
  });
  for (const { count, messages, bytes } of costs) {
    context.diagnostic(
      `${count} nodes: ${messages.toFixed(2)} messages and ${bytes.toFixed(0)} bytes per node and second`,
    );
  }
  for (const measure of ['messages', 'bytes'] as const) {
    // A node that is alone has no copies of others to report.
    const values = costs.slice(1).map((cost) => cost[measure]);
    const ratio = Math.max(...values) / Math.min(...values);
    assert.ok(ratio <= 1.2, `${measure} differ by ${ratio.toFixed(2)}`);
  }
});

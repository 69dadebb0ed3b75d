import type { MetricCatalog } from 'veltrix/telemetry';

const owner = 'processor';

/** What only a node of a cluster has. */
export const nodeMetrics = {
  hunt_node_partitions: {
    ...{ type: 'gauge', owner, labels: { part: ['owner', 'standby'] } },
    help: 'Partitions that the node owns, and those that it folds along to take over.',
    whenItMoves:
      'Over all nodes the owners are as many as there are partitions. Fewer: some partition decides nothing.',
  },
  hunt_node_all_partitions: {
    ...{ type: 'gauge', owner },
    help: 'Partitions of the cluster.',
    whenItMoves: 'It never does: it is pinned when the cluster is made.',
  },
  hunt_config_version: {
    ...{ type: 'gauge', owner: 'process' },
    help: 'Version of the settings of the cluster that this node has taken; 0 for none.',
    whenItMoves:
      'Somebody changed settings: hunt config history says who and why. Nodes that differ for more than a second: see their logs for why one did not take them.',
  },
  hunt_node_log_interrupted_partitions: {
    ...{ type: 'gauge', owner: 'gateway' },
    help: 'Partitions whose decisions the gateway cannot read from Kafka now; their commands are refused.',
    whenItMoves: 'See whether the brokers answer; it goes on by itself.',
  },
} as const satisfies MetricCatalog;

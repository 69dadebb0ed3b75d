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
  hunt_node_assigned_partitions: {
    ...{ type: 'gauge', owner: 'every role' },
    labels: {
      node: { upTo: 260, of: 'nodes that are to own partitions, by name' },
      place: ['here', 'elsewhere'],
    },
    help: 'Partitions that each node is to own, by the assignment as this node has read it. The node itself is always among them, as `here`.',
    whenItMoves:
      'The leader gives partitions to other nodes. More than the partitions that the node says it owns: it has died, or has not taken them over yet.',
  },
  hunt_node_unassigned_partitions: {
    ...{ type: 'gauge', owner: 'every role' },
    help: 'Partitions that nobody is to own, by the assignment as this node has read it.',
    whenItMoves:
      'Above 0 their commands are not decided: see whether there is a node with the role processor.',
  },
  hunt_config_version: {
    ...{ type: 'gauge', owner: 'process' },
    help: 'Version of the settings of the cluster that this node has taken; 0 for none.',
    whenItMoves:
      'Somebody changed settings: hunt config history says who and why. Nodes that differ for more than a second: see their logs for why one did not take them.',
  },
  hunt_node_connections_total: {
    ...{ type: 'counter', owner: 'every role', labels: { encryption: ['plain', 'tls'] } },
    help: 'Connections over which other nodes have asked this one anything, in plain and encrypted. Health and metrics are asked by others and do not count.',
    whenItMoves:
      'Nodes start, or were idle and ask again. In plain, where nodes.tls is set: some node does not encrypt yet; see hunt_node_encryption_state of each.',
  },
  hunt_node_encryption_state: {
    ...{ type: 'gauge', owner: 'every role', labels: { mode: ['off', 'accept', 'require'] } },
    help: 'How the node speaks with others, as nodes.tls has it: 1 with the mode that counts.',
    whenItMoves:
      'Nodes were started anew with another mode. One that stays at accept takes plain connections: the last step of docs/security.md is left.',
  },
  hunt_node_log_interrupted_partitions: {
    ...{ type: 'gauge', owner: 'gateway' },
    help: 'Partitions whose decisions the gateway cannot read from Kafka now; their commands are refused.',
    whenItMoves: 'See whether the brokers answer; it goes on by itself.',
  },
} as const satisfies MetricCatalog;

import type { MetricCatalog } from 'veltrix/telemetry';

const owner = 'every role';

/** How a node of a cluster asks the others. */
export const peerMetrics = {
  hunt_peer_inflight_requests: {
    ...{ type: 'gauge', owner },
    help: 'Calls to other nodes under way.',
    whenItMoves: 'It follows the reads of players. Towards its limit some node is slow.',
  },
  hunt_peer_limit_requests: {
    ...{ type: 'gauge', owner },
    help: 'Calls of one kind that may be under way at once to the node that answers most slowly.',
    whenItMoves:
      'A fall says that a node answers more slowly than it used to, or not at all: see the threads of each.',
  },
  hunt_peer_refused_requests_total: {
    ...{ type: 'counter', owner },
    help: 'Calls that were not made because too many wait for that node already.',
    whenItMoves:
      'A node is much too slow for what is asked of it; players see no progress meanwhile.',
  },
  hunt_peer_retries_requests_total: {
    ...{ type: 'counter', owner, labels: { result: ['sent', 'withheld'] } },
    help: 'Questions to owners that were asked again, and those that waited because the budget was spent.',
    whenItMoves: 'Partitions move, or their nodes are away: see the cluster.',
  },
  hunt_peer_hedges_requests_total: {
    ...{ type: 'counter', owner, labels: { result: ['sent', 'won', 'withheld'] } },
    help: 'Reads that were asked a second time elsewhere, those answered there first, and those that the budget forbade.',
    whenItMoves:
      'A node stalls now and then: see the delays of its threads. Withheld: all are slow.',
  },
  hunt_peer_ejected_nodes: {
    ...{ type: 'gauge', owner },
    help: 'Nodes whose breaker is open: they failed, or are much slower than others, and are not asked.',
    whenItMoves:
      'See whether those nodes run and can be reached; they are tried again by themselves.',
  },
} as const satisfies MetricCatalog;

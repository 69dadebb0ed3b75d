import { type Dashboard, of, rate } from './dashboard.ts';

/** What gives way under pressure, and what keeps slow dependencies to themselves. */
export const stayingUp: Dashboard = {
  name: 'staying-up',
  title: 'staying up',
  rows: [
    {
      title: 'Partitions that wait alone',
      panels: [
        {
          title: 'Standing apart',
          description:
            'Partitions that admission judges by themselves, as their commands wait much longer than those of the others.',
          unit: 'short',
          queries: [
            {
              expr: `max by (instance) (${of('hunt_gateway_apart_partitions')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Oldest command',
          description: 'Of the partitions whose commands wait longest for their decision.',
          unit: 's',
          queries: [
            {
              expr: `topk(10, max by (partition) (${of('hunt_queue_oldest_seconds', 'queue="gateway-partition"')}))`,
              legend: '{{partition}}',
            },
          ],
        },
        {
          title: 'Turned away',
          description: 'Commands a second that are shed because of their partition alone.',
          unit: 'cps',
          queries: [
            {
              expr: `topk(10, sum by (partition) (${rate('hunt_gateway_partition_shed_commands_total')}))`,
              legend: '{{partition}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Brown-out',
      panels: [
        {
          title: 'Level',
          description: '1: pushes are rarer, 2: standings are older, 3: some reads are refused.',
          unit: 'short',
          queries: [
            {
              expr: `max by (instance) (${of('hunt_gateway_brownout_state')})`,
              legend: '{{instance}}',
            },
            {
              expr: `max by (instance) (${of('hunt_gateway_brownout_least_state')})`,
              legend: '{{instance}} at least',
            },
          ],
        },
        {
          title: 'Pressure',
          description: 'By what is short. Where the greatest is 1 for two seconds the level rises.',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (instance, of) (${of('hunt_gateway_brownout_pressure_ratio')})`,
              legend: '{{instance}} {{of}}',
            },
          ],
        },
        {
          title: 'Time spent browned out',
          description: 'Share of the time at each level; what the alert on brown-out looks at.',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (level) (${rate('hunt_gateway_brownout_seconds_total')})`,
              legend: 'level {{level}}',
            },
          ],
        },
        {
          title: 'Reads that are let through',
          description:
            'At level 3: the share there is room for. All below it, none where it is pinned.',
          unit: 'percentunit',
          queries: [
            {
              expr: `min by (instance) (${of('hunt_gateway_brownout_served_ratio')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Reads',
          description: 'Answered, and turned away.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (result) (${rate('hunt_gateway_read_requests_total')})`,
              legend: '{{result}}',
            },
          ],
        },
        {
          title: 'Reads inside',
          description: 'Being answered now.',
          unit: 'short',
          queries: [
            {
              expr: `max by (instance) (${of('hunt_gateway_read_inflight_requests')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Too late',
          description:
            'Requests that were not begun, or not answered, because whoever asked had given up.',
          unit: 'cps',
          queries: [
            { expr: `sum by (of) (${rate('hunt_gateway_late_requests_total')})`, legend: '{{of}}' },
          ],
        },
      ],
    },
    {
      title: 'Other nodes, Redis and Cassandra',
      panels: [
        {
          title: 'Calls to other nodes',
          description: 'Under way, beside what may be to the slowest node.',
          unit: 'short',
          needsCluster: true,
          queries: [
            { expr: `sum(${of('hunt_peer_inflight_requests')})`, legend: 'under way' },
            { expr: `min(${of('hunt_peer_limit_requests')})`, legend: 'limit' },
          ],
        },
        {
          title: 'Calls that were not made',
          description: 'Too many wait for a node already.',
          unit: 'cps',
          needsCluster: true,
          queries: [
            { expr: `sum(${rate('hunt_peer_refused_requests_total')})`, legend: 'refused' },
          ],
        },
        {
          title: 'Asked again, asked twice',
          description: 'Questions to the owners of partitions, by what became of them.',
          unit: 'cps',
          needsCluster: true,
          queries: [
            {
              expr: `sum by (result) (${rate('hunt_peer_retries_requests_total')})`,
              legend: 'again: {{result}}',
            },
            {
              expr: `sum by (result) (${rate('hunt_peer_hedges_requests_total')})`,
              legend: 'twice: {{result}}',
            },
          ],
        },
        {
          title: 'Nodes that are left alone',
          description: 'By each that asks: they failed, or are much slower than others.',
          unit: 'short',
          needsCluster: true,
          queries: [
            {
              expr: `max by (instance) (${of('hunt_peer_ejected_nodes')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Reads of Redis',
          description: 'That may be under way at once, and those that were not made.',
          unit: 'short',
          needsCluster: true,
          queries: [
            { expr: `min(${of('hunt_views_read_limit_requests')})`, legend: 'limit' },
            {
              expr: `sum(${rate('hunt_views_refused_reads_requests_total')})`,
              legend: 'refused a second',
            },
          ],
        },
        {
          title: 'Updates of Redis',
          description: 'Batches on their way, and how many may be, where it is fewest.',
          unit: 'short',
          needsCluster: true,
          queries: [
            { expr: `min(${of('hunt_views_update_limit_requests')})`, legend: 'limit' },
            { expr: `max(${of('hunt_views_update_inflight_requests')})`, legend: 'on their way' },
          ],
        },
        {
          title: 'Requests to Cassandra',
          description: 'On their way, of the archive and of who people are, and how many may be.',
          unit: 'short',
          needsCluster: true,
          queries: [
            {
              expr: `max by (of) (${of('hunt_cassandra_inflight_requests')})`,
              legend: '{{of}}',
            },
            {
              expr: `min by (of) (${of('hunt_cassandra_limit_requests')})`,
              legend: '{{of}} limit',
            },
          ],
        },
        {
          title: 'Requests to Cassandra that failed',
          description: 'Made again, and not made again because the budget was spent.',
          unit: 'cps',
          needsCluster: true,
          queries: [
            {
              expr: `sum by (of, result) (${rate('hunt_cassandra_retries_requests_total')})`,
              legend: '{{of}}: {{result}}',
            },
          ],
        },
      ],
    },
  ],
};

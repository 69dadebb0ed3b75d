import { type Dashboard, of, rate } from './dashboard.ts';

const fold = `sum by (instance) (${rate('hunt_processor_fold_seconds_total')})`;

/** Who owns what, and whether the load is shared out. */
export const cluster: Dashboard = {
  name: 'cluster',
  title: 'cluster',
  rows: [
    {
      title: 'Partitions',
      panels: [
        {
          title: 'Partitions without an owner',
          description: 'Their commands wait.',
          unit: 'short',
          isStat: true,
          needsCluster: true,
          queries: [
            {
              expr: `max(${of('hunt_node_all_partitions')}) - sum(${of('hunt_node_partitions', 'part="owner"')})`,
              legend: 'without an owner',
            },
            {
              expr: `max(${of('hunt_node_unassigned_partitions')})`,
              legend: 'given to nobody',
            },
          ],
        },
        {
          title: 'Imbalance',
          description: 'The busiest node’s fold beside the mean. 1 is even.',
          unit: 'short',
          isStat: true,
          queries: [{ expr: `max(${fold}) / avg(${fold})`, legend: 'busiest / mean' }],
        },
        {
          title: 'Gateways that cannot read',
          description: 'Partitions whose decisions a gateway cannot read from Kafka.',
          unit: 'short',
          isStat: true,
          needsCluster: true,
          queries: [
            {
              expr: `sum(${of('hunt_node_log_interrupted_partitions')})`,
              legend: 'interrupted',
            },
          ],
        },
        {
          title: 'Clocks apart',
          description:
            'How far the clock of each node is ahead of that of Prometheus, within the time that a scrape takes.',
          unit: 's',
          queries: [
            {
              expr: `${of('hunt_process_clock_seconds')} - timestamp(${of('hunt_process_clock_seconds')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Settings taken',
          description:
            'Version of the settings of the cluster, by node. All nodes should have the same.',
          unit: 'short',
          needsCluster: true,
          queries: [{ expr: of('hunt_config_version'), legend: '{{instance}}' }],
        },
        {
          title: 'Partitions owned',
          description: 'By node.',
          unit: 'short',
          needsCluster: true,
          queries: [
            {
              expr: `sum by (instance) (${of('hunt_node_partitions', 'part="owner"')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Partitions to own',
          description:
            'By node, as the leader has given them. More than are owned: the node has died, or has not taken them over yet.',
          unit: 'short',
          needsCluster: true,
          queries: [
            {
              expr: `max by (node) (${of('hunt_node_assigned_partitions')})`,
              legend: '{{node}}',
            },
          ],
        },
        {
          title: 'Partitions stood by for',
          description: 'By node.',
          unit: 'short',
          needsCluster: true,
          queries: [
            {
              expr: `sum by (instance) (${of('hunt_node_partitions', 'part="standby"')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Commands that wait, by age',
          description: 'The oldest command that an owner has not decided.',
          unit: 's',
          needsCluster: true,
          queries: [
            {
              expr: `max by (instance) (${of('hunt_lag_seconds', 'consumer="processor"')})`,
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Encryption between nodes',
      panels: [
        {
          title: 'Nodes by mode',
          description:
            'As nodes.tls of each has it. Nodes that stay at accept take connections in plain: the last step is left.',
          unit: 'short',
          needsCluster: true,
          queries: [
            { expr: `sum by (mode) (${of('hunt_node_encryption_state')})`, legend: '{{mode}}' },
          ],
        },
        {
          title: 'Connections between nodes',
          description: 'New ones a second over which nodes ask each other, in plain and encrypted.',
          unit: 'cps',
          needsCluster: true,
          queries: [
            {
              expr: `sum by (encryption) (${rate('hunt_node_connections_total')})`,
              legend: '{{encryption}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Load of the nodes',
      panels: [
        {
          title: 'Folding',
          description: 'Part of one core, by node.',
          unit: 'percentunit',
          queries: [{ expr: fold, legend: '{{instance}}' }],
        },
        {
          title: 'Processor time',
          description: 'Cores in use, by node.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (instance) (${rate('hunt_process_cpu_seconds_total')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Latest turns of the loops',
          description: 'How late the worst thread of a node was in the last 10 to 20 s.',
          unit: 's',
          queries: [
            {
              expr: `max by (instance) (${of('hunt_thread_delay_max_seconds')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Decisions',
          description: 'By node.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (instance) (${rate('hunt_processor_decisions_total')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Commands that come',
          description: 'By gateway.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (instance) (${rate('hunt_gateway_commands_total', 'result=~"sent|shed"')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Memory',
          description: 'By node.',
          unit: 'bytes',
          queries: [
            {
              expr: `sum by (instance) (${of('hunt_process_resident_bytes')})`,
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
  ],
};

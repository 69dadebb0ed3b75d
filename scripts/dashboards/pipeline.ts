import { type Dashboard, of, quantile, rate } from './dashboard.ts';

/** The way of a command: where it waits, what each stage takes. */
export const pipeline: Dashboard = {
  name: 'pipeline',
  title: 'pipeline',
  rows: [
    {
      title: 'Queues',
      panels: [
        {
          title: 'How full',
          description: 'By the nearer of the limits; at 1 whoever comes is refused or waits.',
          unit: 'percentunit',
          queries: [
            { expr: `max by (queue) (${of('hunt_queue_filled_ratio')})`, legend: '{{queue}}' },
          ],
        },
        {
          title: 'Oldest that waits',
          description: 'Players wait at least as long as commands do.',
          unit: 's',
          queries: [
            { expr: `max by (queue) (${of('hunt_queue_oldest_seconds')})`, legend: '{{queue}}' },
          ],
        },
        {
          title: 'What waits',
          description: 'Entries.',
          unit: 'short',
          queries: [{ expr: `sum by (queue) (${of('hunt_queue_entries')})`, legend: '{{queue}}' }],
        },
        {
          title: 'What waits, in bytes',
          description: 'Where bytes are what is limited.',
          unit: 'bytes',
          queries: [{ expr: `sum by (queue) (${of('hunt_queue_bytes')})`, legend: '{{queue}}' }],
        },
      ],
    },
    {
      title: 'Deciding',
      panels: [
        {
          title: 'Decisions by status',
          description: 'Repeated ones are retries.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (status) (${rate('hunt_processor_decisions_total')})`,
              legend: '{{status}}',
            },
          ],
        },
        {
          title: 'Not done',
          description:
            'Commands refused, messages refused or waiting, timers set again: for want of room, or for a fault of the program.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (of, reason) (${rate('hunt_processor_undone_decisions_total')})`,
              legend: '{{of}}, {{reason}}',
            },
          ],
        },
        {
          title: 'Faults of the program',
          description: 'Commands, messages and timers that were not done, by what they were.',
          unit: 'cps',
          queries: [
            {
              expr: `topk(10, sum by (type) (${rate('hunt_processor_faulted_decisions_total')}))`,
              legend: '{{type}}',
            },
          ],
        },
        {
          title: 'Full tables',
          description: 'How often a table was asked for room in vain.',
          unit: 'cps',
          queries: [
            {
              expr: `topk(10, sum by (partition, table) (${rate('hunt_processor_full_table_refusals_total')}))`,
              legend: '{{table}} of partition {{partition}}',
            },
          ],
        },
        {
          title: 'Decisions by partition',
          description: 'One far above the others is hot.',
          unit: 'cps',
          queries: [
            {
              expr: `topk(10, sum by (partition) (${rate('hunt_processor_decisions_total')}))`,
              legend: 'partition {{partition}}',
            },
          ],
        },
        {
          title: 'Time of a partition’s fold',
          description: 'Part of one core.',
          unit: 'percentunit',
          queries: [
            {
              expr: `topk(10, sum by (partition) (${rate('hunt_processor_fold_seconds_total')}))`,
              legend: 'partition {{partition}}',
            },
          ],
        },
        {
          title: 'Time to decide a record',
          description: 'Of one command or of many.',
          unit: 's',
          queries: [
            {
              expr: quantile(0.99, 'hunt_processor_record_fold_seconds', 'thread'),
              legend: 'p99 {{thread}}',
            },
          ],
        },
        {
          title: 'Commands in a record',
          description: 'How many share one sync; it grows with the load.',
          unit: 'short',
          queries: [
            {
              expr: `sum(${rate('hunt_gateway_commands_total', 'result="sent"')}) / sum(${rate('hunt_gateway_records_total')})`,
              legend: 'commands',
            },
          ],
        },
      ],
    },
    {
      title: 'Storing',
      panels: [
        {
          title: 'Time of a sync',
          description: 'Every outcome waits for one.',
          unit: 's',
          queries: [
            {
              expr: quantile(0.99, 'hunt_processor_log_sync_seconds', 'thread'),
              legend: 'p99 {{thread}}',
            },
          ],
        },
        {
          title: 'Made durable',
          description: 'Bytes of records, a second.',
          unit: 'Bps',
          queries: [
            {
              expr: `sum by (thread) (${rate('hunt_processor_log_synced_bytes_total')})`,
              legend: '{{thread}}',
            },
          ],
        },
        {
          title: 'Log and state',
          description: 'On the disk, and in memory.',
          unit: 'bytes',
          queries: [
            { expr: `sum(${of('hunt_processor_log_kept_bytes')})`, legend: 'log' },
            { expr: `sum(${of('hunt_processor_state_bytes')})`, legend: 'state' },
          ],
        },
        {
          title: 'Age of checkpoints',
          description: 'What was decided since is folded again at a start.',
          unit: 's',
          queries: [
            {
              expr: `topk(10, ${of('hunt_processor_checkpoint_age_seconds')})`,
              legend: 'partition {{partition}}',
            },
          ],
        },
        {
          title: 'Last checkpoint',
          description: 'Bytes that it wrote; 0 before the first of a process.',
          unit: 'bytes',
          queries: [
            {
              expr: `topk(10, ${of('hunt_processor_checkpoint_bytes')})`,
              legend: 'partition {{partition}}',
            },
          ],
        },
        {
          title: 'Time to write a checkpoint',
          description: 'It shares the disk with the log.',
          unit: 's',
          queries: [
            {
              expr: `topk(10, ${of('hunt_processor_checkpoint_write_seconds')})`,
              legend: 'partition {{partition}}',
            },
          ],
        },
        {
          title: 'Checkpoints that failed',
          description: 'Partitions whose last checkpoint could not be written.',
          unit: 'short',
          queries: [{ expr: `sum(${of('hunt_processor_failed_checkpoints')})`, legend: 'failed' }],
        },
      ],
    },
    {
      title: 'Following',
      panels: [
        {
          title: 'Behind the log, by time',
          description: 'The oldest record that is not done with.',
          unit: 's',
          queries: [
            { expr: `max by (consumer) (${of('hunt_lag_seconds')})`, legend: '{{consumer}}' },
          ],
        },
        {
          title: 'Behind the log, by records',
          description: 'Over all partitions.',
          unit: 'short',
          queries: [
            { expr: `sum by (consumer) (${of('hunt_lag_records')})`, legend: '{{consumer}}' },
          ],
        },
      ],
    },
  ],
};

import { type Dashboard, of, quantile, rate } from './dashboard.ts';

/** What the processes depend on: the log, the archive, the views, coordination. */
export const dependencies: Dashboard = {
  name: 'dependencies',
  title: 'dependencies',
  rows: [
    {
      title: 'Breakers',
      panels: [
        {
          title: 'Answers',
          description: '1 while it is asked; 0 while it is left alone because it failed.',
          unit: 'short',
          queries: [
            {
              expr: `min by (dependency) (${of('hunt_dependency_up_state')})`,
              legend: '{{dependency}}',
            },
          ],
        },
        {
          title: 'Left alone for',
          description: 'The longest of all processes.',
          unit: 's',
          queries: [
            {
              expr: `max by (dependency) (${of('hunt_dependency_down_seconds')})`,
              legend: '{{dependency}}',
            },
          ],
        },
        {
          title: 'Standings are old by',
          description: '0 while the views follow.',
          unit: 's',
          queries: [
            {
              expr: `max by (instance) (${of('hunt_views_stale_seconds')})`,
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Archive and views',
      panels: [
        {
          title: 'Archive is behind by',
          description: 'The log must be kept at least so long.',
          unit: 's',
          queries: [
            {
              expr: `max(${of('hunt_lag_seconds', 'consumer="archiver"')})`,
              legend: 'archive',
            },
          ],
        },
        {
          title: 'Questions to the archive',
          description: 'On their way, beside what may be.',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (instance) (${of('hunt_queue_filled_ratio', 'queue="archive-questions"')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Updates that wait for Redis',
          description: 'Above the limit the log is read no further.',
          unit: 'bytes',
          needsCluster: true,
          queries: [
            {
              expr: `sum by (instance) (${of('hunt_queue_bytes', 'queue="views-updates"')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Partitions whose standings do not go with the log',
          description: 'They are made anew; where it stays, that was given up.',
          unit: 'short',
          queries: [
            { expr: `sum(${of('hunt_views_inconsistent_partitions')})`, legend: 'inconsistent' },
            {
              expr: `sum(${of('hunt_views_inconsistency_errors_total')})`,
              legend: 'found since the start',
            },
          ],
        },
        {
          title: 'Partitions not archived any more',
          description: 'What they decide is kept in the log alone.',
          unit: 'short',
          queries: [{ expr: `sum(${of('hunt_archive_stopped_partitions')})`, legend: 'stopped' }],
        },
      ],
    },
    {
      title: 'Disk and log',
      panels: [
        {
          title: 'Time of a sync',
          description: 'Of the log of one process; a disk that fails shows here first.',
          unit: 's',
          queries: [0.5, 0.99].map((share) => ({
            expr: quantile(share, 'hunt_processor_log_sync_seconds'),
            legend: `p${share * 100}`,
          })),
        },
        {
          title: 'Free space',
          description: 'Where the data directory lies.',
          unit: 'bytes',
          queries: [
            {
              expr: `min by (instance) (${of('hunt_process_data_free_bytes')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Waits for Kafka',
          description: 'Decisions that an owner has not read back.',
          unit: 'bytes',
          needsCluster: true,
          queries: [
            {
              expr: `sum by (instance) (${of('hunt_queue_bytes', 'queue="owner-pending"')})`,
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Traces',
      panels: [
        {
          title: 'Spans by what became of them',
          description: 'Dropped: the collector is slow or away. None where nothing is traced.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (result) (${rate('hunt_trace_spans_total')})`,
              legend: '{{result}}',
            },
          ],
        },
      ],
    },
  ],
};

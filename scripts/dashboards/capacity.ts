import { type Dashboard, of, rate } from './dashboard.ts';

/** How much more there can be, and what would run out first. */
export const capacity: Dashboard = {
  name: 'capacity',
  title: 'capacity',
  rows: [
    {
      title: 'The knee',
      panels: [
        {
          title: 'Distance from the knee',
          description:
            'The load beside the capacity: measured by admission once there was an overload, estimated by the busiest thread before.',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (instance, source) (${of('hunt_gateway_knee_ratio')})`,
              legend: '{{instance}} by {{source}}',
            },
          ],
        },
        {
          title: 'Load and capacity',
          description: 'Commands a second.',
          unit: 'cps',
          queries: [
            {
              expr: `sum(${of('hunt_gateway_offered_commands_per_second')})`,
              legend: 'load',
            },
            {
              expr: `sum by (source) (${of('hunt_gateway_capacity_commands_per_second')})`,
              legend: 'capacity by {{source}}',
            },
          ],
        },
        {
          title: 'Admission',
          description: 'Single commands inside, beside how many may be; no limit without overload.',
          unit: 'short',
          queries: [
            {
              expr: `sum(${of('hunt_queue_entries', 'queue="gateway-admission"')})`,
              legend: 'inside',
            },
            {
              expr: `min(${of('hunt_gateway_admission_limit_commands')})`,
              legend: 'limit',
            },
          ],
        },
        {
          title: 'In flight',
          description: 'Commands that wait for their decision.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (instance) (${of('hunt_gateway_inflight_commands')})`,
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Threads',
      panels: [
        {
          title: 'At work',
          description: 'Part of the time, by thread.',
          unit: 'percentunit',
          queries: [
            {
              expr: `topk(10, ${rate('hunt_thread_active_seconds_total')} / (${rate('hunt_thread_active_seconds_total')} + ${rate('hunt_thread_idle_seconds_total')}))`,
              legend: '{{instance}} {{thread}}',
            },
          ],
        },
        {
          title: 'Late turns',
          description: '99th percentile of the last 10 to 20 s.',
          unit: 's',
          queries: [
            {
              expr: `topk(10, ${of('hunt_thread_delay_p99_seconds')})`,
              legend: '{{instance}} {{thread}}',
            },
          ],
        },
        {
          title: 'Collections of garbage',
          description: 'Part of the time in which a thread stood still for them.',
          unit: 'percentunit',
          queries: [
            {
              expr: `topk(10, sum by (instance, thread) (${rate('hunt_thread_gc_seconds_total')}))`,
              legend: '{{instance}} {{thread}}',
            },
          ],
        },
        {
          title: 'Number of collections',
          description: 'Many major ones mean a heap near its limit.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (kind) (${rate('hunt_thread_gc_collections_total')})`,
              legend: '{{kind}}',
            },
          ],
        },
        {
          title: 'Heaps',
          description: 'Beside what each may use.',
          unit: 'percentunit',
          queries: [
            {
              expr: `topk(10, ${of('hunt_thread_heap_bytes')} / ${of('hunt_thread_heap_limit_bytes')})`,
              legend: '{{instance}} {{thread}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Machine',
      panels: [
        {
          title: 'Cores',
          description: 'In use, beside those there are.',
          unit: 'percentunit',
          queries: [
            {
              expr: `${rate('hunt_process_cpu_seconds_total')} / ${of('hunt_process_available_cores')}`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Memory',
          description: 'In use, beside what there is.',
          unit: 'percentunit',
          queries: [
            {
              expr: `${of('hunt_process_resident_bytes')} / ${of('hunt_process_memory_limit_bytes')}`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Connections',
          description: 'Live ones, beside how many are taken.',
          unit: 'percentunit',
          queries: [
            {
              expr: `${of('hunt_gateway_live_connections')} / ${of('hunt_gateway_live_limit_connections')}`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'State by team',
          description: 'Bytes of state, all partitions, for each team.',
          unit: 'bytes',
          queries: [
            {
              expr: `sum(${of('hunt_processor_state_bytes')}) / sum(max by (hunt) (${of('hunt_live_teams')}))`,
              legend: 'bytes a team',
            },
          ],
        },
        {
          title: 'Up for',
          description: 'A fall is a restart.',
          unit: 's',
          queries: [{ expr: of('hunt_process_uptime_seconds'), legend: '{{instance}}' }],
        },
        {
          title: 'Samples left out',
          description: 'Beyond the bound of a label: some series are missing above.',
          unit: 'cps',
          queries: [
            {
              expr: `sum(${rate('hunt_telemetry_dropped_samples_total')})`,
              legend: 'left out',
            },
          ],
        },
      ],
    },
  ],
};

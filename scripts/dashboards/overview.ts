import { type Dashboard, of, quantile, rate } from './dashboard.ts';

/** Is all well, seen as players see it. */
export const overview: Dashboard = {
  name: 'overview',
  title: 'overview',
  rows: [
    {
      title: 'What players get',
      panels: [
        {
          title: 'Commands that come',
          description: 'Sent to partitions or shed, a second.',
          unit: 'cps',
          isStat: true,
          queries: [
            {
              expr: `sum(${rate('hunt_gateway_commands_total', 'result=~"sent|shed"')})`,
              legend: 'commands',
            },
          ],
        },
        {
          title: 'Not decided',
          description: 'Part of the commands that were shed, refused or not decided in time.',
          unit: 'percentunit',
          isStat: true,
          queries: [
            {
              expr: `sum(${rate('hunt_gateway_commands_total', 'result=~"shed|refused|withdrawn|undecided"')}) / sum(${rate('hunt_gateway_commands_total', 'result=~"sent|shed"')})`,
              legend: 'not decided',
            },
          ],
        },
        {
          title: 'Knee',
          description: 'How near the load is to what can be decided. 1 is the knee.',
          unit: 'percentunit',
          isStat: true,
          queries: [{ expr: `max(${of('hunt_gateway_knee_ratio')})`, legend: 'knee' }],
        },
        {
          title: 'Commands by result',
          description: 'Sent and decided lie on each other when all is well; shed is overload.',
          unit: 'cps',
          queries: [
            {
              expr: `sum by (result) (${rate('hunt_gateway_commands_total')})`,
              legend: '{{result}}',
            },
          ],
        },
        {
          title: 'Time to a decision',
          description: 'From sending a command to its durable decision.',
          unit: 's',
          queries: [0.5, 0.99].map((share) => ({
            expr: quantile(share, 'hunt_gateway_decision_seconds'),
            legend: `p${share * 100}`,
          })),
        },
        {
          title: 'Errors by id',
          description: 'Requests answered with an error; each id has a page in docs/errors.',
          unit: 'cps',
          queries: [
            { expr: `sum by (id) (${rate('hunt_gateway_errors_total')})`, legend: '{{id}}' },
          ],
        },
      ],
    },
    {
      title: 'What is not well',
      panels: [
        {
          title: 'Processes that take requests',
          description: 'Gateways that are ready.',
          unit: 'short',
          isStat: true,
          queries: [{ expr: `sum(${of('hunt_gateway_ready_state')})`, legend: 'ready' }],
        },
        {
          title: 'Impairments',
          description: 'What has stopped for good; /healthz names it.',
          unit: 'short',
          isStat: true,
          queries: [{ expr: `sum(${of('hunt_gateway_impairments')})`, legend: 'impairments' }],
        },
        {
          title: 'Files of settings taken',
          description: '0 where the file of a process is wrong: its log says what and where.',
          unit: 'short',
          isStat: true,
          queries: [{ expr: `min(${of('hunt_config_file_taken_state')})`, legend: 'taken' }],
        },
        {
          title: 'Standings are old by',
          description: '0 while the views follow.',
          unit: 's',
          isStat: true,
          queries: [{ expr: `max(${of('hunt_views_stale_seconds')})`, legend: 'stale' }],
        },
        {
          title: 'Fullest queues',
          description: 'Each queue by the nearer of its limits.',
          unit: 'percentunit',
          queries: [
            {
              expr: `topk(5, max by (queue) (${of('hunt_queue_filled_ratio')}))`,
              legend: '{{queue}}',
            },
          ],
        },
        {
          title: 'Busiest threads',
          description: 'Part of the time in which a loop is at work. Near 1 it is the bottleneck.',
          unit: 'percentunit',
          queries: [
            {
              expr: `topk(5, ${rate('hunt_thread_active_seconds_total')})`,
              legend: '{{instance}} {{thread}}',
            },
          ],
        },
        {
          title: 'Live connections',
          description: 'Players and boards that listen.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (instance) (${of('hunt_gateway_live_connections')})`,
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
  ],
};

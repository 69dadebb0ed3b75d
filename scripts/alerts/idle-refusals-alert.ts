import type { Alert, TestSeries } from './alert.ts';
import { counter } from './made-series.ts';

/** Share of its time that a thread may be at work and still has time for those who are turned away. */
const idleMost = 0.6;
/** Of the commands that come. */
const shedMost = 0.01;

const commands = (results: string) =>
  `sum by (job, instance) (rate(hunt_gateway_commands_total{result=~"${results}"}[5m]))`;
const busiest = (threads: string, by: string) =>
  `max by (${by}) (rate(hunt_thread_active_seconds_total{thread=~"${threads}"}[5m]))`;

/** After which it is looked. */
const minutes = 30;

/** A gateway and a processor of a deployment: commands a minute, and shares of the time. */
interface Made {
  readonly job?: string;
  readonly shed?: number;
  readonly main?: number;
  readonly elsewhere?: number;
  /** Minutes in which admission has no limit, in the end. */
  readonly unlimited?: number;
}

/** Players are turned away and everybody is idle, where nothing else is said. */
function made(of: Made): TestSeries[] {
  const { job = 'hunt', shed = 600, main = 0.3, elsewhere = 0.2, unlimited = 0 } = of;
  const [gateway, processor] = [`job="${job}",instance="one"`, `job="${job}",instance="two"`];
  return [
    counter(`hunt_gateway_commands_total{${gateway},result="sent"}`, 6_000),
    counter(`hunt_gateway_commands_total{${gateway},result="shed"}`, shed),
    {
      series: `hunt_gateway_admission_limit_commands{${gateway}}`,
      // What is infinite has no shorter notation.
      values: `64x${minutes - unlimited}${' Inf'.repeat(unlimited)}`,
    },
    counter(`hunt_thread_active_seconds_total{${gateway},thread="main"}`, 60 * main),
    // Its history is old, and nobody is turned away for that.
    counter(`hunt_thread_active_seconds_total{${gateway},thread="archiver"}`, 57),
    counter(`hunt_thread_active_seconds_total{${processor},thread="processors-0"}`, 60 * elsewhere),
  ];
}

/** What decision 12 names as the sign that admission is wrong; `hunt doctor` judges likewise. */
export const idleRefusalsAlert: Alert = {
  name: 'HuntRefusalsWhileIdle',
  severity: 'ticket',
  expr: [
    `${commands('shed')} / ${commands('sent|shed')} > ${shedMost}`,
    // All the time: a probe lets in few for a moment.
    'and on (job, instance) max by (job, instance) (max_over_time(hunt_gateway_admission_limit_commands[5m])) < Inf',
    `and on (job, instance) ${busiest('main', 'job, instance')} < ${idleMost}`,
    // Any of those who decide may be the one that commands wait for.
    `and on (job) ${busiest('processors-.*', 'job')} < ${idleMost}`,
  ].join(' '),
  for: '10m',
  summary:
    '{{ $labels.instance }} turns away {{ $value | humanizePercentage }} of the commands while it and those who decide have time.',
  runbook: 'refusals-while-idle',
  test: {
    minutes,
    firing: made({}),
    quiet: [
      ...made({ job: 'full-gateway', main: 0.7 }),
      ...made({ job: 'full-processors', elsewhere: 0.7 }),
      ...made({ job: 'few-refusals', shed: 40 }),
      ...made({ job: 'full-buffer', unlimited: 2 }),
    ],
    labels: { instance: 'one', job: 'hunt' },
  },
};

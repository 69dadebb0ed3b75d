import type { Alert, Recording } from './alert.ts';
import { burns, type Window, windows } from './burn-rate.ts';
import { idleRefusalsAlert } from './idle-refusals-alert.ts';
import { counter, gauge, one } from './made-series.ts';
import { stayingUpAlerts, stayingUpRecordings } from './staying-up-alerts.ts';
import { undoneAlerts } from './undone-alerts.ts';

/** Of all commands, those that are decided; of all decisions, those within a quarter of a second. */
const objectives = { decided: 0.995, quick: 0.99 } as const;

const commands = (results: string, window: Window) =>
  `sum(rate(hunt_gateway_commands_total{result=~"${results}"}[${window}]))`;
const decisions = (part: string, window: Window) =>
  `sum(rate(hunt_gateway_decision_seconds_${part}[${window}]))`;

export const recordings: readonly Recording[] = [
  ...windows.flatMap((window) => [
    {
      record: `hunt:commands_failed:ratio_rate${window}`,
      expr: `${commands('shed|refused|withdrawn|undecided', window)} / ${commands('sent|shed', window)}`,
    },
    {
      record: `hunt:decisions_slow:ratio_rate${window}`,
      expr: `1 - ${decisions('bucket{le="0.25"}', window)} / ${decisions('count', window)}`,
    },
  ]),
  ...stayingUpRecordings,
];

const result = (of: string) => `hunt_gateway_commands_total{job="hunt",result="${of}"}`;
const bucket = (le: string) => `hunt_gateway_decision_seconds_bucket{job="hunt",le="${le}"}`;
const count = 'hunt_gateway_decision_seconds_count{job="hunt"}';

const fewFail = [counter(result('sent'), 6_000), counter(result('shed'), 6)];
const manyFail = [counter(result('sent'), 6_000), counter(result('shed'), 600)];
// As while Kafka stands still and players give up before they are told 202.
const someFail = [counter(result('sent'), 6_000), counter(result('withdrawn'), 240)];
const slow = (part: number) => [counter(bucket('0.25'), 6_000 * (1 - part)), counter(count, 6_000)];

export const alerts: readonly Alert[] = [
  {
    name: 'HuntCommandsFailing',
    severity: 'page',
    expr: burns('commands_failed', objectives.decided, 14.4, ['1h', '5m']),
    for: '2m',
    summary:
      'Of the commands of the last hour {{ $value | humanizePercentage }} were shed, refused, taken back or not decided.',
    runbook: 'commands-failing',
    test: { minutes: 90, firing: manyFail, quiet: fewFail, labels: {} },
  },
  {
    name: 'HuntCommandsFailing',
    severity: 'ticket',
    expr: burns('commands_failed', objectives.decided, 6, ['6h', '30m']),
    for: '15m',
    summary:
      'Of the commands of the last six hours {{ $value | humanizePercentage }} were shed, refused, taken back or not decided.',
    runbook: 'commands-failing',
    test: { minutes: 420, firing: someFail, quiet: fewFail, labels: {} },
  },
  {
    name: 'HuntDecisionsSlow',
    severity: 'page',
    expr: burns('decisions_slow', objectives.quick, 14.4, ['1h', '5m']),
    for: '2m',
    summary:
      'Of the decisions of the last hour {{ $value | humanizePercentage }} took more than 250 ms.',
    runbook: 'decisions-slow',
    test: { minutes: 90, firing: slow(0.2), quiet: slow(0.005), labels: {} },
  },
  {
    name: 'HuntDecisionsSlow',
    severity: 'ticket',
    expr: burns('decisions_slow', objectives.quick, 6, ['6h', '30m']),
    for: '15m',
    summary:
      'Of the decisions of the last six hours {{ $value | humanizePercentage }} took more than 250 ms.',
    runbook: 'decisions-slow',
    test: { minutes: 420, firing: slow(0.08), quiet: slow(0.005), labels: {} },
  },
  {
    name: 'HuntNothingDecided',
    severity: 'page',
    expr: 'sum(hunt_gateway_inflight_commands) > 0 and sum(rate(hunt_gateway_commands_total{result="decided"}[2m])) == 0',
    for: '1m',
    summary: '{{ $value }} commands wait, and none was decided for two minutes.',
    runbook: 'nothing-decided',
    test: {
      minutes: 10,
      firing: [gauge(`hunt_gateway_inflight_commands{${one}}`, 40), gauge(result('decided'), 900)],
      quiet: [gauge(`hunt_gateway_inflight_commands{${one}}`, 40), counter(result('decided'), 900)],
      labels: {},
    },
  },
  {
    name: 'HuntDown',
    severity: 'page',
    expr: 'up{job="hunt"} == 0',
    for: '2m',
    summary: '{{ $labels.instance }} does not answer.',
    runbook: 'down',
    test: {
      minutes: 10,
      firing: [gauge(`up{${one}}`, 0)],
      quiet: [gauge(`up{${one}}`, 1)],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  {
    name: 'HuntNotReady',
    severity: 'page',
    expr: 'hunt_gateway_ready_state == 0',
    for: '5m',
    summary: '{{ $labels.instance }} has taken no requests for five minutes.',
    runbook: 'not-ready',
    test: {
      minutes: 15,
      firing: [gauge(`hunt_gateway_ready_state{${one}}`, 0)],
      quiet: [{ series: `hunt_gateway_ready_state{${one}}`, values: '0x3 1x480' }],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  {
    name: 'HuntImpaired',
    severity: 'page',
    expr: 'hunt_gateway_impairments > 0',
    for: '1m',
    summary: '{{ $value }} parts of {{ $labels.instance }} have stopped for good.',
    runbook: 'impaired',
    test: {
      minutes: 5,
      firing: [gauge(`hunt_gateway_impairments{${one}}`, 1)],
      quiet: [gauge(`hunt_gateway_impairments{${one}}`, 0)],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  {
    name: 'HuntPartitionsWithoutOwner',
    severity: 'page',
    expr: 'max by (job) (hunt_node_all_partitions) - sum by (job) (hunt_node_partitions{part="owner"}) > 0',
    for: '1m',
    summary: '{{ $value }} partitions have no owner: their commands wait.',
    runbook: 'partitions-without-owner',
    test: {
      minutes: 5,
      firing: [
        gauge(`hunt_node_all_partitions{${one}}`, 8),
        gauge(`hunt_node_partitions{${one},part="owner"}`, 7),
      ],
      quiet: [
        gauge(`hunt_node_all_partitions{${one}}`, 8),
        gauge(`hunt_node_partitions{${one},part="owner"}`, 5),
        gauge('hunt_node_partitions{job="hunt",instance="two",part="owner"}', 3),
      ],
      labels: { job: 'hunt' },
    },
  },
  ...undoneAlerts,
  {
    name: 'HuntStandingsStale',
    severity: 'ticket',
    expr: 'hunt_views_stale_seconds > 30',
    for: '2m',
    summary: 'Standings of {{ $labels.instance }} are {{ $value | humanizeDuration }} old.',
    runbook: 'standings-stale',
    test: {
      minutes: 10,
      firing: [{ series: `hunt_views_stale_seconds{${one}}`, values: '0+60x20' }],
      quiet: [gauge(`hunt_views_stale_seconds{${one}}`, 3)],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  {
    name: 'HuntStandingsInconsistent',
    severity: 'ticket',
    expr: 'sum by (job, instance) (increase(hunt_views_inconsistency_errors_total[1h])) > 0',
    for: '1m',
    summary: 'Standings of {{ $labels.instance }} did not go with the log within the last hour.',
    runbook: 'standings-inconsistent',
    test: {
      minutes: 60,
      firing: [{ series: `hunt_views_inconsistency_errors_total{${one}}`, values: '0x20 1x480' }],
      quiet: [{ series: `hunt_views_inconsistency_errors_total{${one}}`, values: '2x480' }],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  {
    name: 'HuntArchiveBehind',
    severity: 'ticket',
    expr: 'max by (job, instance) (hunt_lag_seconds{consumer="archiver"}) > 600',
    for: '10m',
    summary:
      'The archive of {{ $labels.instance }} is {{ $value | humanizeDuration }} behind the log.',
    runbook: 'archive-behind',
    test: {
      minutes: 60,
      firing: [
        {
          series: `hunt_lag_seconds{${one},consumer="archiver",partition="0"}`,
          values: '0+60x60',
        },
      ],
      quiet: [gauge(`hunt_lag_seconds{${one},consumer="archiver",partition="0"}`, 20)],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  {
    name: 'HuntQueueFull',
    severity: 'ticket',
    expr: 'max by (job, instance, queue) (hunt_queue_filled_ratio{queue!="gateway-admission"}) > 0.9',
    for: '5m',
    summary:
      'Queue {{ $labels.queue }} of {{ $labels.instance }} is {{ $value | humanizePercentage }} full.',
    runbook: 'queue-full',
    test: {
      minutes: 15,
      firing: [gauge(`hunt_queue_filled_ratio{${one},queue="log-inflight",partition="1"}`, 0.97)],
      quiet: [
        gauge(`hunt_queue_filled_ratio{${one},queue="log-inflight",partition="1"}`, 0.3),
        gauge(`hunt_queue_filled_ratio{${one},queue="gateway-admission"}`, 1),
      ],
      labels: { instance: 'one', job: 'hunt', queue: 'log-inflight' },
    },
  },
  {
    name: 'HuntCapacityNear',
    severity: 'ticket',
    expr: 'max by (job, instance) (hunt_gateway_knee_ratio) > 0.8',
    for: '10m',
    summary:
      'The load of {{ $labels.instance }} is {{ $value | humanizePercentage }} of what it can decide.',
    runbook: 'capacity-near',
    test: {
      minutes: 30,
      firing: [gauge(`hunt_gateway_knee_ratio{${one},source="utilisation"}`, 0.9)],
      quiet: [
        { series: `hunt_gateway_knee_ratio{${one},source="admission"}`, values: '0.9x5 0.4x60' },
      ],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  idleRefusalsAlert,
  {
    name: 'HuntDependencyDown',
    severity: 'ticket',
    expr: 'hunt_dependency_up_state == 0',
    for: '5m',
    summary: '{{ $labels.instance }} has gone on without {{ $labels.dependency }} for minutes.',
    runbook: 'dependency-down',
    test: {
      minutes: 15,
      firing: [gauge(`hunt_dependency_up_state{${one},dependency="archive"}`, 0)],
      quiet: [
        { series: `hunt_dependency_up_state{${one},dependency="archive"}`, values: '0x3 1x60' },
      ],
      labels: { instance: 'one', job: 'hunt', dependency: 'archive' },
    },
  },
  ...stayingUpAlerts,
  {
    name: 'HuntDiskFilling',
    severity: 'ticket',
    expr: 'predict_linear(hunt_process_data_free_bytes[3h], 86400) < 0',
    for: '30m',
    summary: 'The disk of {{ $labels.instance }} is full within a day at this pace.',
    runbook: 'disk-filling',
    test: {
      minutes: 300,
      firing: [
        { series: `hunt_process_data_free_bytes{${one}}`, values: '100000000000-100000000x480' },
      ],
      quiet: [
        { series: `hunt_process_data_free_bytes{${one}}`, values: '100000000000-10000000x480' },
      ],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  {
    name: 'HuntMemoryNear',
    severity: 'page',
    expr: 'hunt_process_resident_bytes / hunt_process_memory_limit_bytes > 0.9',
    for: '5m',
    summary: '{{ $labels.instance }} holds {{ $value | humanizePercentage }} of its memory.',
    runbook: 'memory-near',
    test: {
      minutes: 15,
      firing: [
        gauge(`hunt_process_resident_bytes{${one}}`, 950),
        gauge(`hunt_process_memory_limit_bytes{${one}}`, 1_000),
      ],
      quiet: [
        gauge(`hunt_process_resident_bytes{${one}}`, 500),
        gauge(`hunt_process_memory_limit_bytes{${one}}`, 1_000),
      ],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
];

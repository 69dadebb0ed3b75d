import type { Alert, Recording, TestSeries } from './alert.ts';
import { burns, type Window, windows } from './burn-rate.ts';
import { counter, gauge, one } from './made-series.ts';

/**
 * Of the time, that in which a gateway leaves nothing out; of the reads, those that are not turned away; of the
 * requests, those that are begun before whoever asks has given up.
 */
const objectives = { whole: 0.99, read: 0.99, inTime: 0.995 } as const;

const total = (metric: string, window: Window, selectors = '') =>
  `sum(rate(${metric}${selectors}[${window}]))`;
const reads = 'hunt_gateway_read_requests_total';
const late = 'hunt_gateway_late_requests_total';
const commands = 'hunt_gateway_commands_total';
const spent = 'hunt_gateway_brownout_seconds_total';

function inTimeOrLate(window: Window): string {
  const inTime = [total(commands, window, '{result=~"sent|shed"}'), total(reads, window)];
  return `(${[total(late, window), ...inTime].join(' + ')})`;
}

export const stayingUpRecordings: readonly Recording[] = windows.flatMap((window) => [
  {
    // Of each gateway: what one leaves out is not made up for by others.
    record: `hunt:browned_out:ratio_rate${window}`,
    expr: `sum by (job, instance) (rate(${spent}[${window}]))`,
  },
  {
    record: `hunt:reads_refused:ratio_rate${window}`,
    expr: `${total(reads, window, '{result=~"full|browned-out"}')} / ${total(reads, window)}`,
  },
  {
    record: `hunt:requests_late:ratio_rate${window}`,
    expr: `${total(late, window)} / ${inTimeOrLate(window)}`,
  },
]);

interface Symptom {
  readonly name: string;
  /** Between the colons of the recording. */
  readonly of: string;
  readonly objective: number;
  readonly runbook: string;
  /** What follows "of the last hour". */
  readonly says: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Series with so much of it, 0 to 1. */
  readonly made: (share: number) => readonly TestSeries[];
}

/** A page where it burns fast, a ticket where it burns slowly. */
function atTwoSpeeds({
  name,
  of,
  objective,
  runbook,
  says,
  labels,
  made,
}: Symptom): readonly Alert[] {
  const allowed = 1 - objective;
  return [
    {
      ...{ name, severity: 'page', runbook },
      expr: burns(of, objective, 14.4, ['1h', '5m']),
      for: '2m',
      summary: `Within the last hour ${says}`,
      test: { minutes: 90, firing: made(20 * allowed), quiet: made(10 * allowed), labels },
    },
    {
      ...{ name, severity: 'ticket', runbook },
      expr: burns(of, objective, 6, ['6h', '30m']),
      for: '15m',
      summary: `Within the last six hours ${says}`,
      test: { minutes: 420, firing: made(8 * allowed), quiet: made(allowed), labels },
    },
  ];
}

const read = (result: string) => `${reads}{job="hunt",result="${result}"}`;

export const stayingUpAlerts: readonly Alert[] = [
  ...atTwoSpeeds({
    ...{ name: 'HuntBrownedOut', of: 'browned_out', objective: objectives.whole },
    runbook: 'browned-out',
    says: '{{ $labels.instance }} has left something out for {{ $value | humanizePercentage }} of the time.',
    labels: { instance: 'one', job: 'hunt' },
    made: (share) => [
      counter(`${spent}{${one},level="1"}`, 60 * share * 0.75),
      counter(`${spent}{${one},level="3"}`, 60 * share * 0.25),
      counter(`${spent}{job="hunt",instance="two",level="1"}`, 0),
    ],
  }),
  ...atTwoSpeeds({
    ...{ name: 'HuntReadsRefused', of: 'reads_refused', objective: objectives.read },
    runbook: 'reads-refused',
    says: '{{ $value | humanizePercentage }} of the reads were turned away.',
    labels: {},
    made: (share) => [
      counter(read('answered'), 6_000 * (1 - share)),
      counter(read('full'), 6_000 * share * 0.5),
      counter(read('browned-out'), 6_000 * share * 0.5),
    ],
  }),
  ...atTwoSpeeds({
    ...{ name: 'HuntDeadlinesPass', of: 'requests_late', objective: objectives.inTime },
    runbook: 'deadlines-pass',
    says: '{{ $value | humanizePercentage }} of the requests came too late to be of use.',
    labels: {},
    made: (share) => [
      counter(`${late}{job="hunt",of="read"}`, 6_000 * share),
      counter(read('answered'), 3_000 * (1 - share)),
      counter(`${commands}{job="hunt",result="sent"}`, 3_000 * (1 - share)),
    ],
  }),
  {
    ...{ name: 'HuntNodesLeftAlone', severity: 'ticket', runbook: 'nodes-slow' },
    expr: 'hunt_peer_ejected_nodes > 0',
    for: '5m',
    summary: '{{ $labels.instance }} has not asked {{ $value }} other nodes for minutes.',
    test: {
      minutes: 15,
      firing: [gauge(`hunt_peer_ejected_nodes{${one}}`, 1)],
      quiet: [{ series: `hunt_peer_ejected_nodes{${one}}`, values: '1x3 0x480' }],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
  {
    ...{ name: 'HuntCallsHeldBack', severity: 'ticket', runbook: 'nodes-slow' },
    // Each for itself: a node without Redis has no such series.
    expr: [
      'hunt_peer_refused_requests_total',
      'hunt_views_refused_reads_requests_total',
      'hunt_peer_retries_requests_total{result="withheld"}',
      'hunt_cassandra_retries_requests_total{result="withheld"}',
    ]
      .map((metric) => `sum by (job, instance) (rate(${metric}[5m])) > 0.1`)
      .join(' or '),
    for: '10m',
    summary:
      '{{ $labels.instance }} holds back {{ $value | humanize }} calls a second to other nodes, Redis or Cassandra.',
    test: {
      minutes: 30,
      firing: [
        counter(`hunt_peer_refused_requests_total{${one}}`, 0),
        counter(`hunt_views_refused_reads_requests_total{${one}}`, 120),
      ],
      quiet: [
        counter(`hunt_peer_refused_requests_total{${one}}`, 1),
        // The assignment moved, and many asked again: it is over.
        {
          series: `hunt_peer_retries_requests_total{${one},result="withheld"}`,
          values: '0+600x3 1800x480',
        },
      ],
      labels: { instance: 'one', job: 'hunt' },
    },
  },
];

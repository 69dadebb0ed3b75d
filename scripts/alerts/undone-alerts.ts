import type { Alert } from './alert.ts';
import { counter, one } from './made-series.ts';

/** A counter of what a partition does not do. */
const undone = (of: string, reason: string, partition = 3) =>
  `hunt_processor_undone_decisions_total{${one},partition="${partition}",of="${of}",reason="${reason}"}`;

const growing = (reason: string, window: string) =>
  `sum by (job, partition) (rate(hunt_processor_undone_decisions_total{reason="${reason}"}[${window}])) > 0`;

/** What partitions do not do when it is its turn. */
export const undoneAlerts: readonly Alert[] = [
  {
    name: 'HuntNoRoom',
    severity: 'page',
    // An outbox that a crowd fills empties itself within seconds; a timer comes again every ten.
    expr: growing('no-room', '2m'),
    for: '5m',
    summary: 'Partition {{ $labels.partition }} has had a full table for minutes, and refuses.',
    runbook: 'no-room',
    test: {
      minutes: 10,
      firing: [counter(undone('command', 'no-room'), 0), counter(undone('timer', 'no-room'), 6)],
      quiet: [
        // Of one crowd it is over, and of another it has just begun.
        { series: undone('message', 'no-room'), values: '0+600x5 3000x480' },
        { series: undone('command', 'no-room', 4), values: '0x8 600+600x480' },
        counter(undone('timer', 'fault'), 6),
      ],
      labels: { job: 'hunt', partition: '3' },
    },
  },
  {
    name: 'HuntProgramFaults',
    severity: 'ticket',
    // A timer comes again after an hour.
    expr: growing('fault', '90m'),
    for: '5m',
    summary: 'The program faults at what partition {{ $labels.partition }} is asked for.',
    runbook: 'program-faults',
    test: {
      minutes: 60,
      firing: [{ series: undone('timer', 'fault'), values: '0x20 1x480' }],
      quiet: [counter(undone('timer', 'fault'), 0), counter(undone('command', 'no-room'), 6)],
      labels: { job: 'hunt', partition: '3' },
    },
  },
];

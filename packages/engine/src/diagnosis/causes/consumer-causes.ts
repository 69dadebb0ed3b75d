import { duration, percent, rounded } from '../amounts.ts';
import { type Cause, confidence, type Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { idleCores, threadShares } from '../threads.ts';

/** Behind by less is a batch on its way. */
const leastLagSeconds = 3;
const longLagSeconds = 30;

/** Who follows the log. */
export const consumerCauses: readonly Cause[] = [
  {
    id: 'starved-consumer',
    title: 'A consumer of the log does not keep up',
    looksLike:
      'The archiver or the views are 3 s behind and fall back by at least a tenth of the time, or are 30 s behind and do not catch up.',
    helps:
      'More nodes with its role, cores for it, a faster store behind it. Nothing is lost: the log keeps what it has not taken in.',
    effect: 'ages',
    needs: ['hunt_lag_seconds'],
    explains: [],
    page: 'docs/runbooks/archive-behind.md',
    *judge({ processes }) {
      for (const process of processes) {
        for (const consumer of ['archiver', 'views']) yield* behind(process, consumer);
      }
    },
  },
  {
    id: 'standings-inconsistent',
    title: 'Standings do not go with the log',
    looksLike:
      'The standings of a partition lack a team that a decision is about; they are made anew, or that was given up.',
    helps:
      'Nothing at first: they are made anew by themselves. Where /healthz says that this was given up, start the process again, and report it.',
    effect: 'ages',
    needs: ['hunt_views_inconsistent_partitions'],
    explains: ['redis-down', 'starved-consumer'],
    explainsElsewhere: ['redis-down'],
    page: 'docs/runbooks/standings-inconsistent.md',
    *judge({ processes }) {
      for (const process of processes) yield* inconsistent(process);
    },
  },
];

function* inconsistent(process: ProcessFacts): Iterable<Suspicion> {
  const partitions = process.most('hunt_views_inconsistent_partitions') ?? 0;
  if (partitions === 0) return;
  const found = process.most('hunt_views_inconsistency_errors_total') ?? 0;
  const stale = process.most('hunt_views_stale_seconds') ?? 0;
  yield {
    ...{ confidence: 1, process, where: process.name, settings: [] },
    evidence: [
      {
        metric: 'hunt_views_inconsistent_partitions',
        says: `standings of ${partitions} partitions are not whole`,
      },
      {
        metric: 'hunt_views_inconsistency_errors_total',
        says: `that was found ${found} times since it was started`,
      },
      { metric: 'hunt_views_stale_seconds', says: `standings are up to ${duration(stale)} old` },
    ],
    helps:
      'See whether /healthz says engine-views-inconsistent: if not, they are being made anew; if so, start the process again.',
  };
}

function* behind(process: ProcessFacts, consumer: string): Iterable<Suspicion> {
  const lags = process
    .now('hunt_lag_seconds', { consumer })
    .map(({ labels, value }) => ({ partition: labels['partition']!, value }))
    .sort((one, other) => other.value - one.value);
  const [worst] = lags;
  if (worst === undefined || worst.value < leastLagSeconds) return;
  const { partition, value } = worst;
  const [before] = process.course('hunt_lag_seconds', { consumer, partition }) ?? [0];
  const growth = (value - before) / process.seconds;
  const sure =
    growth >= 0.1
      ? confidence(value, leastLagSeconds, longLagSeconds)
      : growth > -0.1
        ? confidence(value, longLagSeconds, 10 * longLagSeconds)
        : undefined;
  if (sure === undefined) return;
  const records = process.most('hunt_lag_records', { consumer, partition }) ?? 0;
  const own = threadShares(process).find(({ thread }) => thread === consumer);
  const idle = idleCores(process) ?? 0;
  const isCluster = process.has('hunt_node_all_partitions');
  const lacksCores = idle < 0.2;
  yield {
    ...{ confidence: sure, process, where: `${consumer} of ${process.name}` },
    evidence: [
      {
        metric: 'hunt_lag_seconds',
        says: `it is ${duration(value)} behind on partition ${partition}, ${lags.length} in all, and ${growth >= 0.1 ? `falls back ${duration(growth)} a second` : 'does not catch up'}`,
      },
      { metric: 'hunt_lag_records', says: `${rounded(records)} records wait for it there` },
      ...(own === undefined
        ? []
        : [
            {
              metric: 'hunt_thread_active_seconds_total' as const,
              says: `its thread was at work ${percent(own.busy)} of the time`,
            },
          ]),
      { metric: 'hunt_process_cpu_seconds_total', says: `${rounded(idle)} cores are idle` },
    ],
    helps: lacksCores
      ? `No core is left for it: give ${process.name} more cores${isCluster ? `, or add a node with the role ${consumer}` : ''}.`
      : isCluster
        ? `See whether its store is slow; with an idle store raise archive.inflightMaxRequests, else add a node with the role ${consumer}.`
        : 'See what holds its store up: another program that has the database open, or the disk. A larger archive.batchMaxBytes catches up faster.',
    settings: lacksCores
      ? []
      : [isCluster ? 'archive.inflightMaxRequests' : 'archive.batchMaxBytes'],
  };
}

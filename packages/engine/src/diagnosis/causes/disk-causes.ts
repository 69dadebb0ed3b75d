import { duration, percent, rounded, size } from '../amounts.ts';
import { type Cause, confidence, type Evidence, givingWay, type Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';

/** Fewer syncs are one slow moment. */
const leastSyncs = 3;
const mebibyte = 1_048_576;

/** Where the log and its checkpoints are written. */
export const diskCauses: readonly Cause[] = [
  {
    id: 'slow-disk',
    title: 'The disk is slow',
    looksLike:
      'Making the log durable takes 10 ms or more on average, and not because its thread is late; or something waits for it and nothing becomes durable.',
    helps: 'A disk of its own for the data directory, or a faster one.',
    effect: 'slows',
    needs: ['hunt_processor_log_sync_seconds'],
    explains: ['small-buffer', 'overload', 'refusals-while-idle', ...givingWay],
    explainsElsewhere: givingWay,
    page: 'docs/runbooks/decisions-slow.md',
    *judge({ processes }) {
      for (const process of processes) yield* slowSyncs(process);
    },
  },
  {
    id: 'disk-filling',
    title: 'The disk is nearly full',
    looksLike: 'Less than 512 MiB are free where the data directory lies.',
    helps: 'Room on the disk, or log.retainBytes, by which old segments are let go of.',
    effect: 'threatens',
    needs: ['hunt_process_uptime_seconds'],
    explains: [],
    page: 'docs/runbooks/disk-filling.md',
    *judge({ processes }) {
      for (const process of processes) {
        const free = process.most('hunt_process_data_free_bytes');
        const sure = confidence(free === undefined ? undefined : -free, -512 * mebibyte, 0);
        if (sure === undefined) continue;
        yield {
          ...{ confidence: sure, process, where: process.name },
          evidence: [{ metric: 'hunt_process_data_free_bytes', says: `${size(free!)} are free` }],
          helps: 'Make room. With log.retainBytes the log lets go of what the archive has.',
          settings: ['log.retainBytes'],
        };
      }
    },
  },
];

function* slowSyncs(process: ProcessFacts): Iterable<Suspicion> {
  const syncs = process.histogram('hunt_processor_log_sync_seconds');
  const { mean = 0, count } = syncs;
  const oldest = process.peak('hunt_queue_oldest_seconds', { queue: 'log-inflight' }) ?? 0;
  // A sync is over when its thread gets to hear of it.
  const late = Math.max(
    0,
    ...process
      .now('hunt_thread_delay_p99_seconds')
      .filter(({ labels }) => labels['thread']!.startsWith('processors-'))
      .map(({ value }) => value),
  );
  const sure = count === 0 ? confidence(oldest, 0.5, 2) : confidence(mean - late, 0.01, 0.04);
  if (sure === undefined || (count > 0 && count < leastSyncs && oldest < 0.5)) return;
  const decisions = process.histogram('hunt_gateway_decision_seconds').quantile(0.99);
  const evidence: Evidence[] = [
    {
      metric: 'hunt_processor_log_sync_seconds',
      says:
        count === 0
          ? 'nothing became durable'
          : `making the log durable took ${duration(mean)} on average and ${duration(syncs.quantile(0.99)!)} at p99, ${rounded(count / process.seconds)} times a second`,
    },
    {
      metric: 'hunt_queue_oldest_seconds',
      says: `bytes waited for it for up to ${duration(oldest)} (log-inflight)`,
    },
    ...(decisions === undefined
      ? []
      : [
          {
            metric: 'hunt_gateway_decision_seconds' as const,
            says: `p99 of decisions is ${duration(decisions)}`,
          },
        ]),
  ];
  const full = process.peak('hunt_queue_filled_ratio', { queue: 'log-inflight' }) ?? 0;
  const isFull = full > 0.5;
  if (isFull) {
    evidence.push({
      metric: 'hunt_queue_filled_ratio',
      says: `the queue log-inflight was ${percent(full)} full`,
    });
  }
  yield {
    ...{ confidence: sure, process, where: process.name, evidence },
    helps: `Give the data directory a disk of its own, or a faster one; look for a backup or another program that writes there.${isFull ? ' A higher log.inflightMaxBytes bridges short slow moments only.' : ''}`,
    settings: isFull ? ['log.inflightMaxBytes'] : [],
  };
}

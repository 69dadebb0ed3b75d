import { duration, percent, rounded } from '../amounts.ts';
import {
  type Cause,
  confidence,
  type DeploymentFacts,
  type Suspicion,
  seenElsewhere,
} from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { idleCores, isFolding, threadShares } from '../threads.ts';
import { fullTable } from './full-table.ts';
import { partitionsWithoutOwner } from './partitions-without-owner.ts';
import { programFaults } from './program-faults.ts';

/** How partitions share the load, and whether they are enough. */
export const partitionCauses: readonly Cause[] = [
  {
    id: 'hot-partition',
    title: 'One partition has most of the load',
    looksLike:
      'Folding one partition takes three times what the others take on average, or more, while its thread is at work seven tenths of the time or its commands wait half a second.',
    helps:
      'A partition is one thread: spread what it holds. In a cluster have it alone on its node with hunt cluster move; a prize is one partition, so several prizes spread a rush.',
    effect: 'slows',
    needs: ['hunt_processor_fold_seconds_total'],
    explains: [
      'processors-busy',
      'slow-disk',
      'overload',
      'refusals-while-idle',
      'small-buffer',
      'partition-apart',
      ...seenElsewhere,
    ],
    explainsElsewhere: ['partition-apart', ...seenElsewhere],
    page: 'docs/runbooks/capacity-near.md',
    judge: hottest,
  },
  {
    id: 'too-few-partitions',
    title: 'There are too few partitions for the cores or nodes',
    looksLike:
      'Each thread that decides is at work three quarters of the time or more, each has one partition only, and cores are idle.',
    helps:
      'More partitions. Their number is chosen once: --partitions of a new data directory, partitions in the file of a new cluster.',
    effect: 'slows',
    needs: ['hunt_processor_fold_seconds_total'],
    explains: ['processors-busy', 'slow-disk', 'overload', 'small-buffer', ...seenElsewhere],
    explainsElsewhere: seenElsewhere,
    page: 'docs/runbooks/capacity-near.md',
    judge: allTaken,
  },
  partitionsWithoutOwner,
  fullTable,
  programFaults,
];

interface PartitionLoad {
  readonly partition: string;
  readonly process: ProcessFacts;
  /** Seconds of folding a second. */
  readonly fold: number;
}

function loads(processes: readonly ProcessFacts[]): PartitionLoad[] {
  return processes
    .flatMap((process) =>
      process
        .rates('hunt_processor_fold_seconds_total')
        .map(({ labels, value }) => ({ partition: labels['partition']!, process, fold: value })),
    )
    .sort((one, other) => other.fold - one.fold);
}

function* hottest({ processes }: DeploymentFacts): Iterable<Suspicion> {
  const [hot, ...others] = loads(processes);
  if (hot === undefined || others.length === 0) return;
  const { process, partition, fold } = hot;
  const mean = others.reduce((sum, one) => sum + one.fold, 0) / others.length;
  const times = mean === 0 ? (fold > 0.01 ? 100 : 0) : fold / mean;
  const busy = Math.max(
    0,
    ...threadShares(process)
      .filter(isFolding)
      .map((one) => one.busy),
  );
  const lag = process.peak('hunt_lag_seconds', { consumer: 'processor', partition }) ?? 0;
  const queue = { queue: 'log-inflight', partition };
  const oldest = process.peak('hunt_queue_oldest_seconds', queue) ?? 0;
  const waits = Math.max(lag, oldest);
  const isUneven = confidence(times, 3, 8);
  const hurts = confidence(busy, 0.7, 0.9) ?? confidence(waits, 0.5, 3);
  if (isUneven === undefined || hurts === undefined) return;
  const isCluster = process.has('hunt_node_all_partitions');
  yield {
    ...{ confidence: Math.min(isUneven, hurts), process },
    where: `partition ${partition} on ${process.name}`,
    evidence: [
      {
        metric: 'hunt_processor_fold_seconds_total',
        says: `folding it takes ${percent(fold)} of a thread, ${mean === 0 ? 'the others nothing' : `${rounded(times)} times the mean of the others (${percent(mean)})`}`,
      },
      {
        metric: 'hunt_thread_active_seconds_total',
        says: `the busiest thread that decides was at work ${percent(busy)} of the time`,
      },
      {
        metric: 'hunt_processor_decisions_total',
        says: `${rounded(process.rate('hunt_processor_decisions_total', { partition }))} decisions a second there`,
      },
      ...(waits < 0.1
        ? []
        : [
            {
              metric:
                lag >= oldest
                  ? ('hunt_lag_seconds' as const)
                  : ('hunt_queue_oldest_seconds' as const),
              says: `commands wait ${duration(waits)} there`,
            },
          ]),
    ],
    helps: isCluster
      ? `Have the partition alone on the strongest node: hunt cluster move ${partition} NODE. A rush for one prize is one partition: offer several prizes.`
      : 'It cannot be divided: a faster core helps, and so does a rush that is spread over several prizes or hunts.',
    settings: [],
  };
}

function* allTaken({ processes }: DeploymentFacts): Iterable<Suspicion> {
  const deciding = processes.filter((one) => one.has('hunt_processor_fold_seconds_total'));
  if (deciding.length === 0) return;
  let least = 1;
  let partitions = 0;
  let idle = 0;
  for (const process of deciding) {
    const owned = process.most('hunt_node_partitions', { part: 'owner' });
    // One that owns nothing would take some, if there were any.
    if (owned === 0) continue;
    const folding = threadShares(process).filter(isFolding);
    const here = owned ?? process.now('hunt_processor_fold_seconds_total').length;
    if (here > folding.length) return;
    least = Math.min(least, ...folding.map(({ busy }) => busy));
    partitions += here;
    idle += idleCores(process) ?? 0;
  }
  const sure = partitions === 0 || idle < 0.5 ? undefined : confidence(least, 0.75, 0.95);
  if (sure === undefined) return;
  const [only, ...more] = deciding;
  yield {
    confidence: sure,
    ...(more.length === 0 && { process: only! }),
    where: more.length === 0 ? only!.name : `${deciding.length} nodes`,
    evidence: [
      {
        metric: 'hunt_thread_active_seconds_total',
        says: `every thread that decides was at work ${percent(least)} of the time or more`,
      },
      {
        metric: 'hunt_processor_fold_seconds_total',
        says: `${partitions === 1 ? 'there is one partition' : `there are ${partitions} partitions`}, and a thread for each`,
      },
      { metric: 'hunt_process_cpu_seconds_total', says: `${rounded(idle)} cores are idle` },
    ],
    helps:
      'More partitions. Their number is chosen once, so they are for a new data directory (hunt serve --partitions N) or a new cluster (partitions in its file). Until then a faster core.',
    settings: [],
  };
}

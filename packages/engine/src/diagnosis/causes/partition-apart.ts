import { duration, percent, rounded } from '../amounts.ts';
import { type Cause, confidence, type Evidence, type Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { shedByPartition } from './shed-commands.ts';

/** So many of the partitions are told of one by one. */
const toldMost = 3;

export const partitionApart: Cause = {
  id: 'partition-apart',
  title: 'Commands of one partition are turned away, and no others',
  looksLike:
    'A thousandth of the commands or more is turned away because their partition has its share of the room, or waits much longer than the others.',
  helps:
    'Mend that partition: its owner is frozen, slow or far behind, its log is slow, or it has more than one thread can decide. The others go on.',
  effect: 'refuses',
  needs: ['hunt_gateway_commands_total'],
  explains: ['deadlines-pass'],
  page: 'docs/runbooks/nothing-decided.md',
  *judge({ processes }) {
    for (const process of processes) yield* partitionsApart(process);
  },
};

function* partitionsApart(process: ProcessFacts): Iterable<Suspicion> {
  const apart = shedByPartition(process).filter(({ shed }) => shed > 0);
  const share = apart.reduce((sum, one) => sum + one.share, 0);
  const sure = apart.length === 0 ? undefined : confidence(share, 0.001, 0.05);
  if (sure === undefined) return;
  const names = apart.map(({ partition }) => partition).sort((one, other) => +one - +other);
  yield {
    ...{ confidence: sure, process },
    where: `${names.length === 1 ? 'partition' : 'partitions'} ${names.join(', ')}, as ${process.name} sees it`,
    evidence: apart.slice(0, toldMost).flatMap(({ partition, shed, share }): Evidence[] => {
      const queue = { queue: 'gateway-partition', partition };
      const oldest = process.peak('hunt_queue_oldest_seconds', queue) ?? 0;
      return [
        {
          metric: 'hunt_gateway_partition_shed_commands_total',
          says: `${rounded(shed)} commands a second are turned away for partition ${partition}, ${percent(share)} of all that come`,
        },
        {
          metric: 'hunt_queue_oldest_seconds',
          says: `the oldest command for it waited ${duration(oldest)}`,
        },
      ];
    }),
    helps:
      'See which node owns it (hunt cluster status), whether that node runs, and its own findings. Where one prize or team has most of the crowd, spread it over several.',
    settings: [],
  };
}

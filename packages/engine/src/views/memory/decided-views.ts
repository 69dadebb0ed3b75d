import { type Clock, CodedError } from 'veltrix';
import type { Bus } from '../../bus/bus.ts';
import type { ProcessorClient } from '../../processor/processor-client.ts';
import type { DecisionTracer } from '../../tracing/decision-tracer.ts';
import {
  AskLaterError,
  PartitionRepairs,
  type PartitionRepairsOptions,
} from '../partition-repairs.ts';
import type { PartitionSeed } from '../views.ts';
import type { MemoryViews } from './memory-views.ts';

export interface DecidedViewsOptions extends Omit<PartitionRepairsOptions, 'clock'> {
  readonly clock: Clock;
  readonly views: MemoryViews;
  /** Begin with what they say at the start, and are asked again for a partition that does not go with its log. */
  readonly processors: Pick<ProcessorClient, 'seeds' | 'standings'>;
  readonly bus: Pick<Bus, 'onDecided'>;
  readonly tracer: DecisionTracer | undefined;
}

/**
 * Seeds views with what the processors have folded, and brings them what is decided from then on: called in the very
 * turn in which the processors are ready, it misses nothing. Returns what is begun again.
 */
export function followDecisions(options: DecidedViewsOptions): PartitionRepairs {
  const { clock, views, processors, bus, tracer } = options;
  const repairs = new PartitionRepairs(options);
  const seed = (partition: number, { nextOffset, hunts, teams }: PartitionSeed) => {
    for (const { huntId, ties } of hunts) views.setTies(huntId, ties);
    views.seed(partition, nextOffset, teams);
  };
  for (const [partition, folded] of processors.seeds.entries()) seed(partition, folded);
  const apply = (partition: number, offset: number, record: Uint8Array) => {
    try {
      views.apply(partition, offset, record);
    } catch (error) {
      const isOurs = error instanceof CodedError && error.id === 'engine-views-inconsistent';
      if (!isOurs) throw error;
      views.halt(partition, clock.now());
      repairs.begin(partition, error, () => async () => {
        seed(partition, await askedNow(processors, partition));
        repairs.whole(partition);
      });
    }
  };
  bus.onDecided((partition, offset, record) => {
    if (!tracer) apply(partition, offset, record);
    else tracer.around(partition, record, () => apply(partition, offset, record));
  });
  return repairs;
}

/** Throws `AskLaterError`. */
async function askedNow(
  processors: Pick<ProcessorClient, 'standings'>,
  partition: number,
): Promise<PartitionSeed> {
  try {
    return await processors.standings(partition);
  } catch (cause) {
    throw new AskLaterError(`the processor of partition ${partition} does not answer`, { cause });
  }
}

import { huntApplication } from '@hunt/rules/fold';
import {
  type Clock,
  type LogIdentity,
  type LogPartition,
  type SharedPartition,
  type StateStore,
  veltrixErrors,
} from 'veltrix';
import { EventGate } from 'veltrix/cluster';
import { type PartitionFold, progressTable, writeCheckpoint } from 'veltrix/processor';
import { engineErrors } from '../errors.ts';
import { openVerifiedFold } from '../verify/verified-fold.ts';
import { chunkBytes } from './plain-partition.ts';
import { boundsOf, readShared } from './read-shared.ts';

export interface StateOptions {
  readonly identity: LogIdentity;
  readonly tableMaxRows: number;
  /** Folds on from its newest checkpoint, as a start does; without it, from the first record. */
  readonly store?: StateStore;
}

export interface FoldedPartition {
  readonly fold: PartitionFold;
  /** The state is the fold of all events below. */
  readonly eventOffset: number;
}

/** The state of a partition of a data directory. Throws what a start throws about its log or checkpoint. */
export function foldEmbedded(log: LogPartition, options: StateOptions): FoldedPartition {
  const { fold, from } = begin(log, log.durableEnd('events'), options);
  const { partition } = log;
  const first = log.start('events');
  if (from < first) {
    const reason = `the log starts at event ${first}`;
    throw veltrixErrors.create('veltrix-checkpoint-damaged', { partition, reason });
  }
  let next = from;
  while (next < log.durableEnd('events')) {
    next = log.read('events', next, chunkBytes, (offset, bytes) => {
      fold.evolve(offset, bytes);
      fold.effects.forget();
    });
  }
  return { fold, eventOffset: next };
}

/** The state of a partition of a shared log, as every node comes to it. */
export async function foldShared(
  log: SharedPartition,
  { clock, ...options }: StateOptions & { readonly clock: Clock },
): Promise<FoldedPartition> {
  const { end } = await boundsOf(log, 'events');
  const { fold, from } = begin(log, end, options);
  const gate = new EventGate(fold.platform);
  for await (const records of readShared(log, 'events', { from, end, clock })) {
    for (const { offset, bytes } of records) {
      if (gate.judge(offset, bytes).dropped) continue;
      fold.evolve(offset, bytes);
      fold.effects.forget();
    }
  }
  return { fold, eventOffset: end };
}

function begin(
  { partition }: Pick<LogPartition, 'partition'>,
  end: number,
  { identity, tableMaxRows, store }: StateOptions,
): { readonly fold: PartitionFold; readonly from: number } {
  const checkpoint = store?.load(huntApplication.layout, () => {});
  const { fold } = openVerifiedFold(
    { identity, partition: { partition }, tableMaxRows },
    checkpoint,
  );
  const from = Math.max(1, checkpoint?.header.eventOffset ?? 1);
  if (from > end) {
    const details = { partition, checkpoint: from, end };
    throw veltrixErrors.create('veltrix-checkpoint-ahead', details);
  }
  return { fold, from };
}

/**
 * Hex; the same wherever the same was decided. What only says how far this log was decided, and by whom,
 * is left out.
 */
export function stateHash({ fold }: FoldedPartition): string {
  return fold.space.hash(progressTable);
}

/** The hash of both. Throws `engine-migrate-different` unless the copy came to the state of the source. */
export function sameState(partition: number, sourceHash: string, copy: FoldedPartition): string {
  const found = stateHash(copy);
  if (found === sourceHash) return found;
  const details = { partition, what: 'state', reason: `${found} in place of ${sourceHash}` };
  throw engineErrors.create('engine-migrate-different', details);
}

/** Leaves the state as the checkpoint with which the copy is served first. Closes the store. */
export async function keepState(
  { fold, eventOffset }: FoldedPartition,
  place: {
    readonly store: StateStore;
    readonly identity: LogIdentity;
    readonly partition: number;
    readonly clock: Clock;
  },
): Promise<void> {
  try {
    await writeCheckpoint({ ...place, fold, eventOffset, layout: huntApplication.layout });
  } finally {
    place.store.close();
  }
}

/** Where a data directory keeps the checkpoints of a partition. */
export function checkpointDirectory(directory: string, partition: number): string {
  return `${directory}/checkpoints/p-${String(partition).padStart(4, '0')}`;
}

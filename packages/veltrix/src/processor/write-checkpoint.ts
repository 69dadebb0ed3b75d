import type { StateStore } from '../checkpoint/state-store.ts';
import type { Clock } from '../clock.ts';
import type { LogIdentity } from '../log/log.ts';
import { Checkpointer } from './checkpointer.ts';
import type { PartitionFold } from './partition-fold.ts';

export interface WrittenCheckpoint {
  readonly fold: PartitionFold;
  readonly store: StateStore;
  readonly identity: LogIdentity;
  readonly partition: number;
  readonly layout: string;
  /** The state is the fold of all events below this offset, and they are durable. */
  readonly eventOffset: number;
  readonly clock: Clock;
}

/** Writes a state that does not change meanwhile as a checkpoint. Rejects with what the store says. */
export function writeCheckpoint(checkpoint: WrittenCheckpoint): Promise<void> {
  const { fold, store, identity, partition, layout, eventOffset, clock } = checkpoint;
  const end = () => eventOffset;
  return new Promise((resolve, reject) => {
    new Checkpointer({
      ...{ space: fold.space, store, identity, layout, clock },
      log: { partition, end, durableEnd: end },
      onDone: (error) => (error ? reject(error) : resolve()),
    }).start();
  });
}

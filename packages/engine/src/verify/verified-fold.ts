import { type HuntFold, type HuntTables, huntApplication } from '@hunt/rules/fold';
import type { Application, LoadedCheckpoint, LogIdentity, LogPartition } from 'veltrix';
import { PartitionFold } from 'veltrix/processor';

export interface VerifiedFoldOptions {
  readonly identity: LogIdentity;
  readonly partition: Pick<LogPartition, 'partition'>;
  readonly tableMaxRows: number;
}

/** A fold of its own for a partition: empty, or as it was at the checkpoint. */
export function openVerifiedFold(
  { identity, partition: { partition }, tableMaxRows }: VerifiedFoldOptions,
  checkpoint?: LoadedCheckpoint,
): { readonly fold: PartitionFold; readonly tables: HuntTables } {
  let hunt: HuntFold | undefined;
  const application: Application = {
    layout: huntApplication.layout,
    open(space, context) {
      hunt = huntApplication.open(space, context) as HuntFold;
      return hunt;
    },
  };
  const fold = new PartitionFold({ application, identity, partition, tableMaxRows });
  if (checkpoint) {
    for (const [number, { rows }] of checkpoint.header.tables.entries()) {
      fold.space.tables[number]!.rows = rows;
    }
    checkpoint.pages(({ table, page, bytes }) =>
      fold.space.tables[table]!.restorePage(page, bytes),
    );
    fold.restored();
    fold.effects.forget();
  }
  return { fold, tables: hunt!.tables };
}

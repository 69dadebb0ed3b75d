import { CommandRecordBuilder } from '../records/command-record.ts';
import type { TraceContext } from '../records/trace-context.ts';
import {
  accountsApplication,
  accountsPayloadBytes,
  fill,
} from '../simulator/accounts/accounts-application.ts';
import { PartitionFold, type PartitionFoldOptions } from './partition-fold.ts';

/* Accounts on one of two partitions, and commands for them: for tests of what is decided. */

export function accountsFold(options: Partial<PartitionFoldOptions> = {}): PartitionFold {
  const identity = { logId: '0'.repeat(32), partitionCount: 2, dedupeWindow: 4 };
  const application = accountsApplication;
  return new PartitionFold({
    ...{ application, identity, partition: 0, tableMaxRows: 1_000 },
    ...options,
  });
}

export interface AccountsCommand {
  readonly type: number;
  readonly id: number;
  readonly account?: number;
  readonly amount?: number;
  /** Partition. */
  readonly to?: number;
  /** The other account, or for how many milliseconds a timer is set. */
  readonly other?: number;
  readonly trace?: TraceContext | undefined;
}

export function accountsRecord(
  commands: readonly AccountsCommand[],
  receivedAt = 1_000,
): Uint8Array {
  const builder = new CommandRecordBuilder(1_024);
  for (const { type, id, account = 1, amount = 10, to = 1, other = 2, trace } of commands) {
    const start = builder.add(type, 0, receivedAt, accountsPayloadBytes);
    fill(builder.buffer.view, start, [account, amount, to, other]);
    builder.buffer.view.setUint32(CommandRecordBuilder.idStart(start), id, true);
    if (trace) builder.trace(trace);
  }
  return builder.finish(1, 1, 0).slice();
}

/** A trace that is sampled. */
export const traceContext: TraceContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  flags: 1,
};

import type { AssignmentDocument, PartitionAssignment, RetainWish } from 'veltrix/cluster';
import type { ProcessorBoardMemory } from '../processor/processor-board.ts';
import type { ToldFault } from '../processor/processor-meter.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { ErrorMessage } from '../thread-error.ts';
import type { Span } from '../tracing/span.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** What the processors' thread of a node is started with. */
export interface ClusterWorkerData {
  readonly config: ClusterConfig;
  readonly settings: ProcessorSettings;
  /** Where the thread shows its numbers. */
  readonly board: ProcessorBoardMemory;
  /** Whether it tells of the steps of traced commands. */
  readonly isTraced: boolean;
}

/** Lets go of what is needed no more; see `retainLog`. Only the owner does. */
export interface RetainQuery extends RetainWish {
  readonly ask: 'retain';
  readonly partition: number;
}

/** What a node that owns a partition, or folds along with it, is asked about it. */
export type OwnerQuery = StateQuery | RetainQuery;

export type StateQuery = { readonly partition: number } & (
  | { readonly ask: 'position' }
  | (Question & {
      /** A standby may answer that has folded all events below; undefined: the owner only. */
      readonly atLeast: number | undefined;
    })
);

type Question =
  | { readonly ask: 'hunts' }
  | { readonly ask: 'team'; readonly huntId: string; readonly teamId: string }
  | { readonly ask: 'treasure'; readonly huntId: string; readonly item: number };

/** `value` is missing where there is no such thing. `owns`: the node may answer for the partition. */
export interface OwnerAnswer {
  readonly owns: boolean;
  readonly value?: unknown;
}

export type ToClusterWorker =
  | { readonly kind: 'assignment'; readonly document: AssignmentDocument }
  | { readonly kind: 'query'; readonly number: number; readonly query: OwnerQuery }
  | { readonly kind: 'close' };

export type FromClusterWorker =
  /** With the buffer of the board that shows how it is. */
  | { readonly kind: 'ready'; readonly health: SharedArrayBuffer }
  | { readonly kind: 'failed'; readonly error: ErrorMessage }
  | { readonly kind: 'spans'; readonly spans: readonly Span[] }
  | { readonly kind: 'faulted'; readonly fault: ToldFault }
  | {
      readonly kind: 'replace';
      readonly partition: number;
      readonly expected: PartitionAssignment;
      readonly by: PartitionAssignment;
    }
  | { readonly kind: 'owning'; readonly partition: number; readonly epoch: number }
  | { readonly kind: 'releasing'; readonly partition: number }
  | { readonly kind: 'released'; readonly partition: number }
  | { readonly kind: 'stopped'; readonly partition: number; readonly error: ErrorMessage }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: OwnerAnswer }
  | { readonly kind: 'closed' };

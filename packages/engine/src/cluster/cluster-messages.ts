import type { AssignmentDocument, PartitionAssignment, RetainWish } from 'veltrix/cluster';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { ErrorMessage } from '../thread-error.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** What the processors' thread of a node is started with. */
export interface ClusterWorkerData {
  readonly config: ClusterConfig;
  readonly settings: ProcessorSettings;
}

/** Lets go of what is needed no more; see `retainLog`. */
export interface RetainQuery extends RetainWish {
  readonly ask: 'retain';
  readonly partition: number;
}

/** What a node that owns a partition is asked about it. */
export type OwnerQuery = StateQuery | RetainQuery;

export type StateQuery =
  | { readonly ask: 'position'; readonly partition: number }
  | { readonly ask: 'hunts'; readonly partition: number }
  | {
      readonly ask: 'team';
      readonly partition: number;
      readonly huntId: string;
      readonly teamId: string;
    }
  | {
      readonly ask: 'treasure';
      readonly partition: number;
      readonly huntId: string;
      readonly item: number;
    };

/** `value` is missing where there is no such thing, and where the node does not own the partition. */
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
  | {
      readonly kind: 'replace';
      readonly partition: number;
      readonly expected: PartitionAssignment;
      readonly by: PartitionAssignment;
    }
  | { readonly kind: 'owning'; readonly partition: number; readonly epoch: number }
  | { readonly kind: 'stopped'; readonly partition: number; readonly error: ErrorMessage }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: OwnerAnswer }
  | { readonly kind: 'closed' };

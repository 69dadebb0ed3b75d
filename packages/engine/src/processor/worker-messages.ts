import type { MessagePort } from 'node:worker_threads';
import type { ErrorMessage } from '../thread-error.ts';
import type { Span } from '../tracing/span.ts';
import type { PartitionSeed } from '../views/views.ts';
import type { ProcessorBoardMemory } from './processor-board.ts';
import type { PartitionStatus } from './processor-host.ts';
import type { ToldFault } from './processor-meter.ts';
import type { ProcessorSettings } from './processor-settings.ts';
import type { RecordBatch } from './record-batch.ts';

/** What a processors' thread is started with. */
export interface ProcessorWorkerData {
  readonly directory: string;
  readonly settings: ProcessorSettings;
  /** Its number; thread 0 holds the directory's lock. */
  readonly thread: number;
  /** Where each thread is reached, by number; nothing for itself. */
  readonly peers: readonly (MessagePort | undefined)[];
  /** Of the records that are sent to it. */
  readonly claims: SharedArrayBuffer;
  /** Where it shows its numbers; without it nothing is measured. */
  readonly board?: ProcessorBoardMemory | undefined;
  /** Whether it tells of the steps of traced commands. */
  readonly isTraced: boolean;
}

export type Query =
  | { readonly ask: 'hunts' }
  | { readonly ask: 'team'; readonly huntId: string; readonly teamId: string }
  | { readonly ask: 'treasures'; readonly huntId: string }
  | { readonly ask: 'status' }
  | { readonly ask: 'standings'; readonly partition: number }
  | {
      readonly ask: 'retain';
      readonly archivedEnds: readonly number[];
      readonly keepBytes: number;
    };

export type ToProcessors =
  | { readonly kind: 'commands'; readonly batch: RecordBatch }
  | { readonly kind: 'query'; readonly number: number; readonly query: Query }
  /** Nobody waits for the answer to that question any more. */
  | { readonly kind: 'forget'; readonly number: number }
  | { readonly kind: 'close' };

/** A `PartitionSeed` whose teams are packed, as `unpackStandings` reads them. */
export interface PackedSeed extends Omit<PartitionSeed, 'teams'> {
  readonly teams: Float64Array<ArrayBuffer>;
}

export type FromProcessors =
  | {
      readonly kind: 'ready';
      readonly partitionCount: number;
      readonly logId: string;
      /** Those of this thread; `seeds` and `status` are in the same order. */
      readonly partitions: readonly number[];
      readonly seeds: readonly PackedSeed[];
      readonly status: readonly PartitionStatus[];
    }
  | { readonly kind: 'failed'; readonly error: ErrorMessage }
  | { readonly kind: 'decided'; readonly batch: RecordBatch }
  | { readonly kind: 'spans'; readonly spans: readonly Span[] }
  | { readonly kind: 'faulted'; readonly fault: ToldFault }
  | {
      readonly kind: 'refused';
      readonly partition: number;
      readonly originBatch: number;
      readonly error: ErrorMessage;
    }
  | { readonly kind: 'stopped'; readonly partition: number; readonly error: ErrorMessage }
  | {
      readonly kind: 'checkpoint-damaged';
      readonly partition: number;
      readonly file: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'answer';
      readonly number: number;
      readonly answer: unknown;
      /** There is none, and this is why. */
      readonly error?: ErrorMessage;
    }
  | { readonly kind: 'closed'; readonly error?: ErrorMessage };

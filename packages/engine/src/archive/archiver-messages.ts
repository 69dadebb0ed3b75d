import type { ErrorMessage } from '../thread-error.ts';
import type { Span } from '../tracing/span.ts';
import type { EventQuery } from './archive.ts';

/** What the archiver's thread is started with. */
export interface ArchiverWorkerData {
  /** Of the log. */
  readonly logDirectory: string;
  /** File of the archive. */
  readonly archivePath: string;
  readonly batchMaxBytes: number;
  /** Where the thread shows how it is. */
  readonly board: SharedArrayBuffer;
  /** Whether it tells of the steps of traced commands. */
  readonly isTraced: boolean;
}

export type ArchiveQuestion =
  | { readonly ask: 'events'; readonly query: EventQuery }
  | { readonly ask: 'decision'; readonly commandId: string }
  | { readonly ask: 'archivedEnds' };

export type ToArchiver =
  /** By partition: every decision record below is durable. */
  | { readonly kind: 'durable'; readonly ends: readonly number[] }
  | { readonly kind: 'question'; readonly number: number; readonly question: ArchiveQuestion }
  | { readonly kind: 'close' };

export type FromArchiver =
  | { readonly kind: 'ready' }
  | { readonly kind: 'spans'; readonly spans: readonly Span[] }
  | { readonly kind: 'failed'; readonly error: ErrorMessage }
  /** By partition, in answer to `durable` with these ends: how many offsets are durable and not archived. */
  | { readonly kind: 'lag'; readonly lag: readonly number[]; readonly ends: readonly number[] }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly error: ErrorMessage }
  | { readonly kind: 'stopped'; readonly partition: number; readonly error: ErrorMessage };

import type { Stream } from 'veltrix';

/** In the order in which they are copied: no decision without its command. */
export const streams = ['commands', 'events'] as const satisfies readonly Stream[];

/** About as much is read, written and made durable at once. */
export const chunkBytes = 4 << 20;

/**
 * The records of a partition as a process that has the log to itself writes them: offsets from 1 without
 * gaps, only decisions that count, of epoch and sequence 0, that name their command records by those offsets.
 */
export interface PlainPartition {
  /** Offset above the last record. */
  readonly ends: Readonly<Record<Stream, number>>;
  /** The records from offset `from` to the end, in order, some at a time. */
  read(stream: Stream, from: number): AsyncIterable<readonly Uint8Array[]>;
}

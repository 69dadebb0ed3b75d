/** The two streams of a partition: what was asked for, and what was decided. */
export type Stream = 'commands' | 'events';

/** Pinned when a deployment is made; held in record 0 of every stream of every partition. */
export interface LogIdentity {
  /** Random, 32 hexadecimal digits. */
  readonly logId: string;
  readonly partitionCount: number;
  /** How many of the latest command ids each partition remembers; a power of two. */
  readonly dedupeWindow: number;
}

/**
 * Receives records in offset order. The bytes are borrowed until it returns and start at a multiple of
 * 8 in their buffer.
 */
export type RecordVisitor = (offset: number, bytes: Uint8Array) => void;

/**
 * An ordered, durable, partitioned log. One process writes a partition at a time.
 *
 * - Offsets of a stream grow; they may have gaps. Record 0 of each stream holds the identity and is
 *   not shown by `read` or `follow`, so the first record of the application is at offset 1.
 * - **Durability is in append order across both streams of a partition**: once a record is durable,
 *   so is every record appended before it to either stream. A processor may therefore fold a command
 *   that is written but not yet durable: its decision cannot outlive it.
 */
export interface Log {
  readonly identity: LogIdentity;
  partition(partition: number): LogPartition;
  /** Waits for what was appended to become durable, then releases files and the lock. Safe to call twice. */
  close(done: (error?: Error) => void): void;
}

/** How much of a partition is there and on its way to the disk. */
export interface LogLoad {
  /** Appended and not durable. */
  readonly inflightBytes: number;
  readonly inflightMaxBytes: number;
  /** Milliseconds since the oldest of it was appended. */
  readonly oldestInflightMs: number;
  /** Of the files of the segments that are kept. */
  readonly keptBytes: number;
}

export interface LogPartition {
  readonly partition: number;
  /**
   * Appends one record (copied; at most `recordMaxBytes`). `onDurable` is called once, in append
   * order: without an error when the record is durable, or with the error that stopped the partition.
   * Many appends share one sync. Returns the record's offset.
   *
   * Throws `veltrix-log-inflight-full` (commands only: what is asked for can wait, what was decided
   * cannot), `veltrix-log-record-too-large`, `veltrix-log-closed`.
   */
  append(stream: Stream, record: Uint8Array, onDurable?: (error?: Error) => void): number;
  /** Offset the next record of the stream gets. */
  end(stream: Stream): number;
  /** Every record below this offset is durable. */
  durableEnd(stream: Stream): number;
  /** Lowest offset still kept. */
  start(stream: Stream): number;
  /**
   * Visits **durable** records from `from` on, in order, until about `maxBytes` were visited or the
   * durable end is reached. Returns the offset to go on from. Throws `veltrix-log-offset-gone`,
   * `veltrix-log-damaged`.
   */
  read(stream: Stream, from: number, maxBytes: number, visit: RecordVisitor): number;
  /**
   * Calls `visit` for every record as it is written (`written`) or once it is durable (`durable`),
   * starting with the first one appended after this call. Returns a function that stops it.
   */
  follow(stream: Stream, visibility: 'written' | 'durable', visit: RecordVisitor): () => void;
  /** Called when the partition can go on no longer (a failed write or sync); at most once. */
  onFailure(listener: (error: Error) => void): void;
  /**
   * Lets go of whole segments all of whose records lie below both offsets, oldest first, as long as
   * segments whose files have at least `keepBytes` remain. Never the segment in use. Returns how many bytes were freed.
   */
  retainFrom(commandsFrom: number, eventsFrom: number, keepBytes?: number): number;
  /** What the recovery at open found and cut: bytes of a torn tail, 0 when the stop was clean. */
  readonly tornBytes: number;
  /** For who watches over it; models of a log need not tell. */
  load?(): LogLoad;
}

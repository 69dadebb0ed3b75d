import type { LogIdentity, Stream } from './log.ts';

/**
 * A log that many processes share: any gateway appends commands to any partition, and the owner of a
 * partition appends its decisions. Nobody has a partition to himself, so nothing written can be relied
 * on before it was read back: another process may have written in between.
 *
 * Calls back, never from within the call itself. All adapters run `shared-log.contract.ts`.
 */
export interface SharedLog {
  readonly identity: LogIdentity;
  partition(partition: number): SharedPartition;
  /** Ends followers, gives up appends that have no answer yet, and lets go. Safe to call twice. */
  close(done: (error?: Error) => void): void;
}

export interface SharedPartition {
  readonly partition: number;
  /**
   * Appends one record (copied). Records of this process to one stream keep their order. `onDone` is
   * called once, in append order, when the record is as durable as the log promises, with its offset.
   *
   * An error `veltrix-log-append-unanswered` means that nobody knows: the record may be in the log, may come
   * later, or never. The adapter repeats what was not answered until `appendTimeoutMs`; so a record may be in the log
   * more than once, and even after records that were appended later. Whoever reads has to recognise repeats.
   * Others: `veltrix-log-inflight-full` (nothing was written; more than `inflightMaxBytes` wait for an
   * answer), `veltrix-log-record-too-large`, `veltrix-log-closed`.
   */
  append(stream: Stream, record: Uint8Array, onDone: AppendDone): void;
  /**
   * Shows every durable record from offset `from` on, those that are there and then new ones, in offset
   * order, each once, until it is stopped. Outages are waited out; only what waiting cannot mend ends it.
   */
  follow(stream: Stream, from: number, follower: LogFollower): LogSubscription;
  /** Lowest offset still kept, and the offset above the last durable record, as of now. */
  bounds(stream: Stream, done: (error: Error | undefined, bounds: LogBounds) => void): void;
  /** Lets go of records below the offset, as far as whole segments allow. */
  retainFrom(stream: Stream, offset: number, done: (error?: Error) => void): void;
}

/** `offset` is -1 with an error. */
export type AppendDone = (error: Error | undefined, offset: number) => void;

export interface LogBounds {
  /** At least 1: record 0 holds the identity and is never shown. */
  readonly start: number;
  readonly end: number;
}

export interface LogFollower {
  /** A record; the bytes are borrowed until it returns and start at a multiple of 8 in their buffer. */
  readonly record: (offset: number, bytes: Uint8Array) => void;
  /** All durable records below `end` were shown, as of an answer of the log; called again after each pause for lack of records. */
  readonly caughtUp?: (end: number) => void;
  /** The log could not be read for now (`error`), or can again (undefined). */
  readonly interrupted?: (error: Error | undefined) => void;
  /**
   * Nothing more will be shown: `veltrix-log-offset-gone`, `veltrix-log-damaged`,
   * `veltrix-log-identity-mismatch` (recreated or truncated under us), `veltrix-log-closed`.
   */
  readonly ended: (error: Error) => void;
}

export interface LogSubscription {
  /** Shows nothing until `resume`; what was fetched already waits, at most `followMaxBytes`. */
  pause(): void;
  resume(): void;
  stop(): void;
}

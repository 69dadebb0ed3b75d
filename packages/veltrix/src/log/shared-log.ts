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
  /**
   * Ends followers, gives up appends (sent without an answer yet: `veltrix-log-append-unanswered`; not
   * sent: `veltrix-log-closed`), and lets go. Does not wait for a log that cannot be reached. Safe to
   * call twice.
   */
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
   * Others, of which nothing was written, and which are told at once, before the answers to earlier
   * appends: `veltrix-log-inflight-full` (more than `inflightMaxBytes` of this process wait for an answer
   * on this stream of the partition), `veltrix-log-record-too-large`, `veltrix-log-closed`.
   *
   * Returns the ticket by which it may be withdrawn, from 1; 0 where it was refused.
   */
  append(stream: Stream, record: Uint8Array, onDone: AppendDone): number;
  /**
   * Takes back a record that still waits for those before it. True: it was not sent and never will be, and its
   * `onDone` is not called. False: it was sent, so that it may be in the log, or it was answered.
   */
  withdraw(stream: Stream, ticket: number): boolean;
  /**
   * Shows every durable record from offset `from` on, those that are there and then new ones, in offset
   * order, each once, until it is stopped. Outages are waited out; only what waiting cannot mend ends it.
   * `from` is at least 1 (`RangeError`) and at most the offset above the last durable record.
   */
  follow(stream: Stream, from: number, follower: LogFollower): LogSubscription;
  /**
   * Lowest offset still kept, and the offset above the last durable record, as of an answer of the log.
   * Errors: `veltrix-log-unavailable` (no answer for `appendTimeoutMs`), `veltrix-log-closed`.
   */
  bounds(stream: Stream, done: (error: Error | undefined, bounds: LogBounds) => void): void;
  /** Lets go of records below the offset, as far as whole segments allow, never of the last one. Errors as of `bounds`. */
  retainFrom(stream: Stream, offset: number, done: (error?: Error) => void): void;
}

/** `offset` is -1 with an error. */
export type AppendDone = (error: Error | undefined, offset: number) => void;

/** Both are -1 with an error. */
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
  /**
   * The log could not be read for now (`veltrix-log-unavailable`), or can again (undefined). A log may wait before
   * it says so, for what is soon over: the one on Kafka for eight seconds, until another broker leads.
   */
  readonly interrupted?: (error: Error | undefined) => void;
  /**
   * Nothing more will be shown: `veltrix-log-offset-gone`, `veltrix-log-damaged`, `veltrix-log-recreated`
   * (made anew, or written to by another log), `veltrix-log-truncated`, `veltrix-log-closed`.
   */
  readonly ended: (error: Error) => void;
}

export interface LogSubscription {
  /** The offset above the last durable record as of the last answer of the log; 0 before the first. */
  readonly end: number;
  /** Shows nothing until `resume`; what was fetched already waits, at most `followMaxBytes`. */
  pause(): void;
  resume(): void;
  stop(): void;
}

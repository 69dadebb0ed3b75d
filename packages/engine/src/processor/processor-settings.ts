/** Settings of the processor role and of what it stores; see `hunt serve --help`. */
export interface ProcessorSettings {
  /** `partitions`: pinned when a data directory is made; left out, what it was made with, or 1. */
  readonly partitions?: number;
  /**
   * `dedupeWindow`: command ids each partition remembers, to answer a retry; a power of two; pinned;
   * left out, what the directory was made with, or 2^18.
   */
  readonly dedupeWindow?: number;
  /** `processor.threads`: threads that decide, at most; never more than partitions or cores. */
  readonly threads: number;
  /** `processor.tableMaxRows`: rows in each table of a partition's state. */
  readonly tableMaxRows: number;
  /** `processor.checkpointEveryDecisions`: bounds what is folded again after a crash. */
  readonly checkpointEveryDecisions: number;
  /** `processor.resendDelayMs`: a message to another partition is sent again after this long. */
  readonly resendDelayMs: number;
  /** `log.segmentBytes`: size of a log segment file. */
  readonly segmentBytes: number;
  /** `log.recordMaxBytes`: largest record. */
  readonly recordMaxBytes: number;
  /** `log.inflightMaxBytes`: bytes of a partition waiting to become durable. */
  readonly inflightMaxBytes: number;
}

/** For a new data directory. */
export const newDirectory = { partitions: 1, dedupeWindow: 1 << 18 } as const;

/** One team's progress: nothing that a crash takes back, and no less than what anybody was told of it. */
export interface TeamProgress {
  readonly points: number;
  readonly penaltySeconds: number;
  /** Milliseconds since the epoch; 0 before the first score. */
  readonly lastScoreAt: number;
  readonly members: number;
  /** By step number. */
  readonly steps: readonly {
    readonly solved: boolean;
    /** Seconds since the hunt opened; 0 unless solved. */
    readonly solvedAtSeconds: number;
    readonly wrongAnswers: number;
    /** Milliseconds since the epoch until which answers are refused; 0 when none. */
    readonly coolDownUntil: number;
    /** Numbers of the hints taken. */
    readonly hints: readonly number[];
    readonly open: boolean;
  }[];
  /** By treasure number. */
  readonly treasures: readonly {
    readonly held: number;
    readonly pending: number;
    readonly reserved: number;
    readonly open: boolean;
  }[];
}

/** What is left of each treasure, by treasure number. */
export interface TreasureStock {
  readonly stock: number;
  readonly granted: number;
  readonly reserved: number;
}

/** The latest definition of a hunt: the JSON of `PublishedHunt` (see @hunt/rules). */
export interface HuntEntry {
  readonly huntId: string;
  readonly publishedJson: string;
}

/**
 * A command record was not taken: its batch gets no decision. With `veltrix-log-append-unanswered` nobody knows: it may
 * have been decided, or be decided later.
 */
export type RefusalListener = (partition: number, originBatch: number, error: Error) => void;

/**
 * How the other roles reach the processors, wherever those run. Sending is fire and forget: the
 * decisions come back over the `Bus`.
 */
export interface CommandPort {
  readonly partitionCount: number;
  /**
   * Sends one command record, at most 1 MiB. Its bytes are copied, before anything is called back. Returns the ticket
   * by which it may be withdrawn; 0 where it cannot be.
   */
  send(partition: number, record: Uint8Array): number;
  /**
   * Takes back a record of which nothing was begun yet. True: none of its commands is decided, now or later, and
   * nothing is told of it any more. False: it is under way, in the log perhaps, or decided.
   */
  withdraw(partition: number, ticket: number): boolean;
  onRefused(listener: RefusalListener): void;
  /** A partition has stopped for good. */
  onStopped(listener: (partition: number, error: Error) => void): void;
  hunts(): Promise<HuntEntry[]>;
  /**
   * Rejects with `veltrix-partition-stopped` where the team's partition has stopped; with `engine-deadline-passed` once
   * the deadline of the caller's work has.
   */
  team(huntId: string, teamId: string): Promise<TeamProgress | undefined>;
  /** As decided, though perhaps not durable. */
  treasures(huntId: string): Promise<TreasureStock[]>;
}

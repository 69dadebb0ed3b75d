import type { TieRule } from '@hunt/rules';

/** A team's place. */
export interface Standing {
  /** From 1; equals share a rank and the next one skips (competition ranking). */
  readonly rank: number;
  /** 16 hexadecimal digits. */
  readonly teamId: string;
  readonly points: number;
  readonly penaltySeconds: number;
  /** Milliseconds since the epoch; 0 before the first score. */
  readonly lastScoreAt: number;
  readonly solved: number;
}

export interface HuntCounters {
  readonly teams: number;
  readonly solved: number;
  readonly wrong: number;
  readonly granted: number;
}

/** A team as the fold has it, to begin from without reading the log again. */
export interface StandingSeed {
  readonly huntId: string;
  readonly teamId: string;
  readonly points: number;
  readonly penaltySeconds: number;
  readonly lastScoreAt: number;
  readonly solved: number;
  readonly wrong: number;
  readonly granted: number;
}

/** A partition as the fold has it, to begin from without reading the log again. */
export interface PartitionSeed {
  /** Offset of the next decision record. */
  readonly nextOffset: number;
  readonly hunts: readonly { readonly huntId: string; readonly ties: TieRule }[];
  readonly teams: Iterable<StandingSeed>;
}

/**
 * Standings with rank, and counters, per hunt; kept up incrementally from decision records. Records of
 * a partition come in offset order; one that was applied before changes nothing.
 *
 * The views may be remote: what is given is then on its way when the call returns, shown once
 * `settled`, and several processes may give the same partition. What is taken in here is held in
 * memory until the views have it, within a limit that `apply` and `room` tell of.
 */
export interface Views {
  /** From which offset on the partition's records are to be given; 1 when nothing of it is known. Waits for remote views. */
  nextOffset(partition: number): Promise<number>;
  /**
   * Begins a partition at `nextOffset` with teams as they were just before it. Remote views read
   * `teams` bit by bit until `settled`.
   */
  seed(partition: number, nextOffset: number, teams: Iterable<StandingSeed>): void;
  /**
   * How equal points are ordered: told by whoever seeds, for the hunts of before; later ones, and later
   * versions, say it in their `huntPublished`.
   */
  setTies(huntId: string, ties: TieRule): void;
  /** Takes a record in (copied). False: taken, but give no more of any partition before `room`. */
  apply(partition: number, offset: number, record: Uint8Array): boolean;
  /** Resolves when more may be given; rejects with what stopped the views for good. */
  room(): Promise<void>;
  /** Resolves when all that was given is shown; rejects with what stopped the views for good. */
  settled(): Promise<void>;
  /**
   * The views no longer have what they were given, or never got it: the listener has to give the
   * partition's records again from `offset` on. Until then later ones are let go.
   */
  onRewind(listener: (partition: number, offset: number) => void): void;
  /**
   * Whether the partition's records that the log has by now were all given, which holds until the next is
   * given; false: nobody knows, as the log cannot be read. Remote views that nobody tells so for a while
   * are stale.
   */
  caughtUp(partition: number, all: boolean): void;
  /**
   * No more of the partition is given here for now: remote views let go of what of it is on its way, and
   * forget where it was, as another process may bring it further. Before any of it is given
   * again, `nextOffset` says from where on.
   */
  release(partition: number): void;
  /** Standings from position `from` (0 = the first) on, at most `limit` (1 to 1,000). Equals stand in order of team id. */
  standings(huntId: string, from: number, limit: number): Promise<readonly Standing[]>;
  standing(huntId: string, teamId: string): Promise<Standing | undefined>;
  counters(huntId: string): Promise<HuntCounters | undefined>;
  /**
   * Grows with every change of the hunt's standings; lets a reader ask whether there is something new.
   * Remote views say what they heard last and ask again meanwhile.
   */
  version(huntId: string): number;
  /**
   * Since when what is read here may be out of date (ms since the epoch), because the views cannot be
   * reached, lag behind the log, or were lost and are being made anew; undefined while it is not. What is read is then what was read before.
   */
  staleSince(): number | undefined;
  /** Lets go of what is remote; what is not settled is given up. Safe to call twice. */
  close(): Promise<void>;
}

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
  readonly teams: readonly StandingSeed[];
}

/**
 * Standings with rank, and counters, per hunt; kept up incrementally from decision records. Records of
 * a partition come in offset order; one that was applied before changes nothing.
 */
export interface Views {
  /** Begins a partition at `nextOffset` with teams as they were just before it. */
  seed(partition: number, nextOffset: number, teams: Iterable<StandingSeed>): void;
  /**
   * How equal points are ordered: told by whoever seeds, for the hunts of before; later ones, and later
   * versions, say it in their `huntPublished`.
   */
  setTies(huntId: string, ties: TieRule): void;
  apply(partition: number, offset: number, record: Uint8Array): void;
  /** Standings from position `from` (0 = the first) on, at most `limit` (1 to 1,000). Equals stand in order of team id. */
  standings(huntId: string, from: number, limit: number): Promise<readonly Standing[]>;
  standing(huntId: string, teamId: string): Promise<Standing | undefined>;
  counters(huntId: string): Promise<HuntCounters | undefined>;
  /** Grows with every change of the hunt's standings; lets a reader ask whether there is something new. */
  version(huntId: string): number;
}

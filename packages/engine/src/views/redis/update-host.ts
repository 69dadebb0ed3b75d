import type { CodedError } from 'veltrix';
import type { Passage } from 'veltrix/resilience';
import type { PartitionUpdates } from './partition-updates.ts';
import type { StandingsStore } from './standings-store.ts';

/** Records from `from` on, below `to`, one of which is about a team that Redis does not have in this generation. */
export interface Inconsistency {
  readonly error: CodedError;
  readonly generation: number;
  readonly from: number;
  readonly to: number;
}

/** What the updates of a partition need of the views they belong to. */
export interface UpdateHost {
  /** Undefined while nothing can be sent. */
  readonly store: () => StandingsStore | undefined;
  /** For one batch on its way, or one read that it needs; `again` is called later where there is no room. */
  readonly room: (again: () => void) => Passage | undefined;
  /** Runs `task` after this turn. */
  readonly defer: (task: () => void) => void;
  /** A command failed; the host calls `interrupt`. */
  readonly failed: (error: unknown) => void;
  /** The views are not where they were left; the host looks which generation is shown and calls `load`. */
  readonly astray: () => void;
  /**
   * What Redis has of the partition in this generation does not go with the log: nothing more of it is taken in before
   * the host calls `beginAgain`.
   */
  readonly inconsistent: (updates: PartitionUpdates, found: Inconsistency) => void;
  /** It cannot be gone on, and beginning again does not help. */
  readonly stopped: (error: CodedError) => void;
  readonly rewound: (partition: number, offset: number) => void;
  readonly refilling: (partition: number, refilling: boolean) => void;
  readonly heardVersion: (huntId: string, version: number) => void;
  /** There is more room, or all is settled. */
  readonly progressed: () => void;
}

import type { LogIdentity, LogMarks, SharedLog, StateStore } from 'veltrix';
import type { SecretFiles } from './deployment-files.ts';
import type { PeoplePlace } from './people-place.ts';

/** The cluster end of a migration: what of its servers a migration touches. Opening makes and changes nothing. */
export interface ClusterPlace {
  /** As the cluster file says. */
  readonly partitionCount: number;
  readonly dedupeWindow: number;
  /** Of the shared log; `place` names it for people. */
  readonly marks: LogMarks;
  readonly people: PeoplePlace;
  readonly secrets: SecretFiles;
  /** What of the log is there: nothing, topics that nobody ever wrote to, or a log. */
  content(): Promise<'missing' | 'empty' | 'used'>;
  /** Opens the log whatever its mark says, and makes it, with this id, where there is none. */
  openLog(newLogId: string): Promise<SharedLog>;
  openStores(identity: LogIdentity): Promise<CheckpointStores>;
  /** Nodes that run now. Rejects when the place where they meet holds the plan of another cluster. */
  nodes(plan: LogIdentity): Promise<readonly string[]>;
  close(): void;
}

export interface CheckpointStores {
  open(partition: number): Promise<StateStore>;
  close(): void;
}

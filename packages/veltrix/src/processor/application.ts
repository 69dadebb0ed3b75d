import type { CommandView } from '../records/command-record.ts';
import type { EventView } from '../records/decision-record.ts';
import type { StateSpace } from '../state/state-space.ts';
import type { Decision } from './decision.ts';

/** What a partition is told about itself. Nothing else reaches a fold but records. */
export interface PartitionContext {
  readonly partition: number;
  readonly partitionCount: number;
}

/** The rules that run on the platform: one instance of `PartitionApplication` per partition. */
export interface Application {
  /** Name and version of the state layout; a checkpoint of another layout is not loaded. */
  readonly layout: string;
  /** Declares its tables in `space`, always the same ones in the same order. */
  open(space: StateSpace, context: PartitionContext): PartitionApplication;
}

/**
 * One fold. Both functions are pure in the sense that matters: they read nothing but their arguments
 * and the state, and only `evolve` changes the state. `decide` may throw: the command is then recorded
 * as failed and nothing has changed. `evolve` must not: a partition whose `evolve` throws stops.
 */
export interface PartitionApplication {
  /** Decides a command, or a message from another partition, by writing to `decision`. */
  decide(command: CommandView, decision: Decision): void;
  /** Applies one event. Called for live decisions and for replay alike. Returns false for an unknown type or version. */
  evolve(event: EventView): boolean;
  /** Rebuilds what is derived from the tables (indexes, caches) after a checkpoint was loaded. */
  restored(): void;
}

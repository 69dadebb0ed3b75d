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
 * One fold. `decide`, `refuse` and `evolve` are pure in the sense that matters: they read nothing but their
 * arguments and the state, and only `evolve` changes the state. `evolve` must not throw: a partition whose
 * `evolve` throws stops. So `decide` asks for room before it writes an event that takes a row.
 *
 * `decide` may throw, and nothing of what it wrote is left: `veltrix-state-full` where there is no room, anything
 * else is a fault of the program. A command is then told so. A timer is set again for later. A message is
 * given to `refuse`.
 */
export interface PartitionApplication {
  /** Decides a command, or a message from another partition, by writing to `decision`. */
  decide(command: CommandView, decision: Decision): void;
  /**
   * Answers a message whose `decide` threw, so that nobody waits for what will not come. Writes nothing where
   * nobody waits. `code` is `platformCode.noRoom` or `decideFailed`. Where it throws `veltrix-state-full`, a
   * message of another partition is not received, and comes again.
   */
  refuse(message: CommandView, code: number, decision: Decision): void;
  /** Applies one event. Called for live decisions and for replay alike. Returns false for an unknown type or version. */
  evolve(event: EventView): boolean;
  /** Rebuilds what is derived from the tables (indexes, caches) after a checkpoint was loaded. */
  restored(): void;
}

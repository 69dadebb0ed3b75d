import type { PartitionFold } from '../processor/partition-fold.ts';
import type { SimulatedWorld } from './simulated-world.ts';
import type { Tape } from './tape.ts';

/** What has come of a world when nothing more happens in it. */
interface WorldAtRest {
  readonly tapes: readonly Pick<Tape, 'partition' | 'commands'>[];
  readonly node: { readonly processors: readonly { readonly fold: PartitionFold }[] } | undefined;
}

/** Watches a world for one promise; throws `SimulationFailure` when it is broken. */
export interface Checker {
  readonly name: string;
  /**
   * A decision record is durable, with the command record it decides: in offset order per partition,
   * each exactly once, whether it was published or found after a crash.
   */
  decided?(partition: number, offset: number, events: Uint8Array, commands: Uint8Array): void;
  /** The node is up again and has recovered. */
  restarted?(world: SimulatedWorld): void;
  /** Faults are over, everything has come to rest. */
  ended?(world: WorldAtRest): void;
}

/** Those who use the world: they send commands and wait for what becomes of them. */
export interface Workload {
  /** Schedules what will be done during the time of faults. */
  begin(): void;
  /** The node has started, for the first time or again. */
  nodeStarted(): void;
  nodeDied(): void;
  /** A decision record went out. */
  published(partition: number, offset: number, bytes: Uint8Array): void;
  /** Faults are over: sends again what got no answer. */
  heal(): void;
  /** Why there is still something to wait for; undefined when everybody has their answers. */
  waitingFor(): string | undefined;
}

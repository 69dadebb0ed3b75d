/**
 * What became of a command. What listeners are given is borrowed until `onOutcome` returns: one object is filled anew for
 * each command, so who keeps it, or reads it after an `await`, has somebody else's.
 */
export interface CommandOutcome {
  /** As in decision records, but never `repeated`: that of the first decision stands for it. */
  status: number;
  /** It had been decided before, and this is what was decided then. */
  repeated: boolean;
  code: number;
  a: number;
  b: number;
}

/** Waits for commands; `tag` is what was given with the command. Exactly one of the last three is called, once. */
export interface OutcomeListener {
  /**
   * Until when the outcome of the command of this tag is of use, as `performance.now` tells it; Infinity for always.
   * A command that nothing was done for by then may be withdrawn, and is refused with `engine-deadline-passed`.
   */
  usefulUntil(tag: number): number;
  /** Whether a pending outcome is enough, so that it is told at once, and nobody waits for the last word. */
  readonly takesPending?: boolean;
  /**
   * Of a join: who joins which team, as `subject.member` finds it. What is told is the next last word on that. It comes
   * under the id of another command where that has begun the join before.
   */
  readonly joining?: DataView;
  /**
   * Decided before, and now waits for the last word of another partition: how long that takes says nothing of how
   * quickly commands are decided. Before the others, at most once.
   */
  onLastWordAwaited?(tag: number): void;
  /** Decided and durable. A claim, collection or join that still waits for its answer has a pending code. */
  onOutcome(tag: number, outcome: CommandOutcome): void;
  /** Not decided within `gateway.waitMaxMs`; it may still be, and can be asked for. */
  onUndecided(tag: number): void;
  /** It was not taken, and will not be decided unless it is sent again. */
  onRefused(tag: number, error: Error): void;
}

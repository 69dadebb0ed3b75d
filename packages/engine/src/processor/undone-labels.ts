import type { UndoneKind, UndoneReason } from 'veltrix/processor';

export const undoneKinds = ['command', 'message', 'timer'] as const satisfies readonly UndoneKind[];
export const undoneReasons = ['no-room', 'fault'] as const satisfies readonly UndoneReason[];

/** The tables of a partition that `processor.tableMaxRows` limits, and for which room is asked. */
export const limitedTables = [
  ...(['timers', 'outbox'] as const),
  ...(['hunts', 'hunt-text', 'treasures'] as const),
  ...(['teams', 'slots', 'members', 'players', 'reservations'] as const),
] as const;

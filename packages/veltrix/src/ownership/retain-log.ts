import type { PartitionStandby } from './partition-standby.ts';

export interface RetainWish {
  /** Consumers of the events still need what is at this offset and above. */
  readonly neededFrom: number;
  /** `log.retainBytes`: at least so many bytes of events stay, whatever is needed. */
  readonly keepBytes: number;
}

export interface RetainedLog {
  /** Nothing below is needed any more; 0 while everything is. */
  readonly eventsFrom: number;
  /** Bytes of events that stay only because consumers need them: checkpoints no longer do. */
  readonly heldBytes: number;
}

/**
 * Lets go of what nobody needs: events that are in both generations of checkpoints and that all
 * consumers have taken in, and the commands that they decided. What is safe to let go of stays safe
 * whoever owns the partition by then, so somebody who no longer owns it does no harm. Calls back with
 * the errors of `SharedPartition.retainFrom`.
 *
 * @param standby of the owner: it knows the checkpoints
 */
export function retainLog(
  standby: PartitionStandby,
  { neededFrom, keepBytes }: RetainWish,
  done: (error: Error | undefined, retained: RetainedLog) => void,
): void {
  const { log, store, clock } = standby.options;
  const wanted = standby.marks.cut(store.oldestEventOffset(), keepBytes);
  const mark = standby.marks.cut(Math.min(store.oldestEventOffset(), neededFrom), keepBytes);
  const heldBytes = wanted === undefined ? 0 : wanted.bytes - (mark?.bytes ?? 0);
  if (mark === undefined) {
    clock.defer(() => done(undefined, { eventsFrom: 0, heldBytes }));
    return;
  }
  const retained = { eventsFrom: mark.eventOffset, heldBytes };
  log.retainFrom('commands', Math.max(1, mark.decidedOffset + 1), (error) => {
    if (error) done(error, retained);
    else log.retainFrom('events', Math.max(1, mark.eventOffset), (error) => done(error, retained));
  });
}

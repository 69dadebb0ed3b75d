import { DecisionRecordReader, decisionStatus, platformCode, platformEvent } from 'veltrix';

/**
 * Whether something in a decision record was not done for want of room or for a fault of the program, or was
 * refused because of that. Neither follows from the log: the tables of another process, or another version of
 * the program, may decide it. So such a record is taken for what it says.
 */
export function hasUndone(record: Uint8Array): boolean {
  const reader = new DecisionRecordReader();
  if (reader.open(record) !== undefined) return false;
  while (reader.next()) {
    const { status, code } = reader.decision;
    if (status === decisionStatus.failed) return true;
    if (status === decisionStatus.rejected && code === platformCode.noRoom) return true;
    // One to the partition itself is decided with what sent it.
    while (reader.nextEvent()) if (reader.event.type === platformEvent.messageFailed) return true;
  }
  return false;
}

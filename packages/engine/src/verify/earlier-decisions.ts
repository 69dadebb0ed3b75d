import { commandType, eventType, outcome } from '@hunt/rules';
import {
  DecisionRecordReader,
  type DecisionView,
  decisionHeaderBytes,
  decisionRecordHeaderBytes,
  decisionStatus,
  eventHeaderBytes,
} from 'veltrix';

interface Span {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

const inFull = [eventType.claimRequested, eventType.treasureSoldOut, eventType.claimSettled];

/**
 * A decision record as today's rules would have written it. Until `golden/hunt-3.log` a claim that came too
 * late was asked for, refused and settled in three events also where one partition has both sides; one of them
 * is written today, and the state is the same. Returns the record itself where there is no such claim.
 */
export function asDecidedToday(record: Uint8Array): Uint8Array {
  const reader = new DecisionRecordReader();
  if (reader.open(record) !== undefined) return record;
  const today = new Uint8Array(record.length);
  const view = new DataView(today.buffer);
  let length = 0;
  const copy = (start: number, end: number) => {
    today.set(record.subarray(start, end), length);
    length += end - start;
  };
  copy(0, decisionRecordHeaderBytes);
  while (reader.next()) {
    const { decision } = reader;
    const [from, begin] = [decision.eventsStart - decisionHeaderBytes, length];
    const events = eventsOf(reader);
    if (!isRefusalInFull(decision, events)) {
      copy(from, decision.end);
      continue;
    }
    copy(from, decision.eventsStart);
    const { start, end } = events[1]!;
    copy(start, end);
    view.setUint32(begin, length - begin, true);
    view.setUint16(begin + 6, 1, true);
  }
  return length === record.length ? record : today.subarray(0, length);
}

function eventsOf(reader: DecisionRecordReader): Span[] {
  const events: Span[] = [];
  while (reader.nextEvent()) {
    const { type, payloadStart, payloadEnd: end } = reader.event;
    events.push({ type, start: payloadStart - eventHeaderBytes, end });
  }
  return events;
}

function isRefusalInFull(
  { status, code, commandType: type }: DecisionView,
  events: readonly Span[],
) {
  return (
    type === commandType.claimTreasure &&
    status === decisionStatus.rejected &&
    code === outcome.soldOut &&
    events.length === inFull.length &&
    events.every((event, index) => event.type === inFull[index])
  );
}

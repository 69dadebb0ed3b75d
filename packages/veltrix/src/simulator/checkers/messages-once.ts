import { platformCode, platformEvent } from '../../processor/platform-records.ts';
import { DecisionRecordReader, decisionStatus } from '../../records/decision-record.ts';
import type { Checker } from '../checker.ts';
import { SimulationFailure } from '../simulation-failure.ts';

const name = 'messages-once';

/**
 * Messages from one partition to another are numbered 1, 2, 3 … and received each once and in that
 * order, never before their sending is durable, and none that found no room; at the end all are.
 */
export function messagesOnce(): Checker {
  const reader = new DecisionRecordReader();
  const sent = new Map<string, number>();
  const received = new Map<string, number>();
  return {
    name,
    decided(partition, _offset, eventBytes) {
      reader.open(eventBytes);
      while (reader.next()) {
        while (reader.nextEvent()) {
          const { type, view, payloadStart } = reader.event;
          const peer = view.getUint16(payloadStart, true);
          const sequence = view.getUint32(payloadStart + 4, true);
          if (type === platformEvent.messageSent) {
            advance(sent, `${partition} to ${peer}`, sequence, 'sent');
          } else if (type === platformEvent.messageReceived) {
            const way = `${peer} to ${partition}`;
            advance(received, way, sequence, 'received');
            if (
              reader.decision.status === decisionStatus.rejected &&
              reader.decision.code === platformCode.noRoom
            ) {
              throw new SimulationFailure(name, `${way}: ${sequence} received without room for it`);
            }
            if (sequence > (sent.get(way) ?? 0)) {
              throw new SimulationFailure(name, `${way}: ${sequence} received before it was sent`);
            }
          }
        }
      }
    },
    ended() {
      for (const [way, last] of sent) {
        if (received.get(way) === last) continue;
        throw new SimulationFailure(name, `${way}: ${last} sent, ${received.get(way)} received`);
      }
    },
  };
}

function advance(last: Map<string, number>, way: string, sequence: number, what: string): void {
  const expected = (last.get(way) ?? 0) + 1;
  if (sequence !== expected) {
    throw new SimulationFailure(name, `${way}: ${sequence} ${what} instead of ${expected}`);
  }
  last.set(way, sequence);
}

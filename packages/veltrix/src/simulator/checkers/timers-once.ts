import { platformCode, platformCommand, platformEvent } from '../../processor/platform-records.ts';
import { DecisionRecordReader, decisionStatus } from '../../records/decision-record.ts';
import type { Checker } from '../checker.ts';
import { SimulationFailure } from '../simulation-failure.ts';

const name = 'timers-once';

/** Every timer fires once, not before it is due, and one without room is set again; at the end none is left. */
export function timersOnce(): Checker {
  const reader = new DecisionRecordReader();
  const dueAt = new Map<string, number>();
  return {
    name,
    decided(partition, offset, eventBytes) {
      reader.open(eventBytes);
      while (reader.next()) {
        const { commandType, status, code, receivedAt } = reader.decision;
        let [cleared, set] = [0, 0];
        while (reader.nextEvent()) {
          const { type, view, payloadStart } = reader.event;
          if (type === platformEvent.timerSet) {
            set += 1;
            const key = `${partition}/${view.getUint32(payloadStart + 8, true)}`;
            if (dueAt.has(key)) throw new SimulationFailure(name, `timer ${key} is set twice`);
            dueAt.set(key, view.getFloat64(payloadStart, true));
          } else if (type === platformEvent.timerCleared) {
            cleared += 1;
            const key = `${partition}/${view.getUint32(payloadStart, true)}`;
            const due = dueAt.get(key);
            if (due === undefined || receivedAt < due) {
              throw new SimulationFailure(name, `timer ${key}, due ${due}, fires at ${receivedAt}`);
            }
            dueAt.set(key, Number.POSITIVE_INFINITY);
          }
        }
        const fires =
          commandType === platformCommand.timerFired && status !== decisionStatus.repeated;
        if (cleared !== (fires ? 1 : 0)) {
          throw new SimulationFailure(
            name,
            `partition ${partition}, events ${offset}: ${cleared} timers cleared`,
          );
        }
        if (fires && code === platformCode.noRoom && set !== 1) {
          throw new SimulationFailure(name, `events ${offset}: a timer without room is gone`);
        }
      }
    },
    ended() {
      for (const [key, due] of dueAt) {
        if (due < Number.POSITIVE_INFINITY) {
          throw new SimulationFailure(name, `timer ${key}, due ${due}, has not fired`);
        }
      }
    },
  };
}

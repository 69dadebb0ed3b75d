import { eventType, idToHex, readId, subject } from '@hunt/rules';
import { DecisionRecordReader } from 'veltrix';
import { type Checker, SimulationFailure } from 'veltrix/simulator';

const name = 'scored-once';

/** No team scores twice for a step or pays twice for a hint, and no step has two first solvers. */
export function scoredOnce(): Checker {
  const reader = new DecisionRecordReader();
  const seen = new Set<string>();
  return {
    name,
    decided(_partition, _offset, events) {
      reader.open(events);
      while (reader.next()) {
        while (reader.nextEvent()) {
          const what = scoreOf(reader.event.type, reader.event.view, reader.event.payloadStart);
          if (what === undefined) continue;
          if (seen.has(what)) throw new SimulationFailure(name, `${what}, for the second time`);
          seen.add(what);
        }
      }
    },
  };
}

function scoreOf(type: number, view: DataView, start: number): string | undefined {
  const hex = (at: number) => {
    const { low, high } = readId(view, at);
    return idToHex(low, high);
  };
  // Events of the platform may be shorter than a subject.
  if (type < eventType.huntPublished) return undefined;
  const item = subject.item(view, start);
  const team = `team ${hex(start + 8)} of ${hex(start)}`;
  if (type === eventType.stepSolved) return `${team} solves step ${item}`;
  if (type === eventType.hintTaken) {
    return `${team} takes hint ${subject.detail(view, start)} of step ${item}`;
  }
  if (type === eventType.bonusGranted) return `bonus of step ${item} of ${hex(start)}`;
  return undefined;
}

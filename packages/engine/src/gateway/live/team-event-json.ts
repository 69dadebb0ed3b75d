import { eventType } from '@hunt/rules';
import type { DirectoryHunt } from '../hunt-directory.ts';
import { outcomeName, outcomeValues } from '../outcome-json.ts';
import type { TeamEvent } from './team-event-log.ts';

/** What a team is told of an event, as the members of a JSON object. */
export function teamEventMembers(hunt: DirectoryHunt, event: TeamEvent): object {
  const { steps, treasures } = hunt.definition;
  const { type, item, detail, value } = event;
  const at = new Date(event.at).toISOString();
  const step = steps[item];
  const ofStep = { step: step?.id, at };
  const ofTreasure = { treasure: treasures[item]?.id, at };
  switch (type) {
    case eventType.stepSolved:
      return { outcome: 'solved', ...ofStep, points: value };
    case eventType.answerRejected:
      return { outcome: 'wrong', ...ofStep, deducted: value };
    case eventType.hintTaken: {
      const text = step?.hints[detail]?.text;
      return { outcome: 'hint-taken', ...ofStep, hint: detail + 1, cost: value, text };
    }
    case eventType.bonusGranted:
      return { outcome: 'bonus-granted', ...ofStep, points: value };
    case eventType.claimSettled:
    case eventType.collectSettled:
      return { outcome: outcomeName(detail), ...ofTreasure, ...settledValue(detail, value) };
    case eventType.reservationLapsed:
      return { outcome: 'reservation-expired', ...ofTreasure };
    default:
      return { outcome: 'member-joined', at };
  }
}

/** A claim's second value under the name it has in the outcome of the command. */
function settledValue(code: number, value: number): object {
  const name = outcomeName(code);
  if (name === 'reserved') return { [outcomeValues.reserved[1]!]: value };
  return name === 'granted' || name === 'collected' ? { number: value } : {};
}

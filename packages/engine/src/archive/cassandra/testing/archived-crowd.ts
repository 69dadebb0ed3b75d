import { eventType } from '@hunt/rules';
import { writtenDecisions } from '../../../views/testing/written-decisions.ts';

export const crowdHunt = '00000000000000a1';

export function crowdTeam(number: number): string {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(16, '5');
}

export function crowdCommand(partition: number, offset: number, index: number): string {
  const number = (partition * 1e6 + offset) * 1000 + index;
  return number.toString(16).padStart(32, '0');
}

/** A record of `count` decisions with an event each, of 1,000 teams in turn; the same for the same place. */
export function crowdRecord(partition: number, offset: number, count: number): Uint8Array {
  return writtenDecisions(
    Array.from({ length: count }, (_, index) => ({
      commandId: crowdCommand(partition, offset, index),
      receivedAt: 1.7e12 + offset,
      events: [
        {
          type: eventType.stepSolved,
          hunt: crowdHunt,
          team: crowdTeam((offset * count + index) % 1000),
          item: index,
        },
      ],
    })),
  );
}

import type { EventView } from 'veltrix';
import { outcome } from '../fold/codes.ts';
import { type HuntTables, onePending, oneReserved, teamColumn } from '../fold/hunt-tables.ts';
import { huntOf, teamRowOf } from '../fold/lookup.ts';
import { extraBytes, subject } from '../subject/subject.ts';

/** Team's side. item = treasure in all of these. */
export function evolveClaimRequestedV1(tables: HuntTables, event: EventView): void {
  const { team, slot } = locate(tables, event);
  tables.setSlot(team, slot, 0, tables.slot(team, slot, 0) + onePending);
}

/** detail = outcome code; extra: command id, then i32 row and i32 number of the reservation. */
export function evolveClaimSettledV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const { team, slot } = locate(tables, event);
  const answer = subject.detail(view, payloadStart);
  let word = tables.slot(team, slot, 0) - onePending;
  if (answer === outcome.granted) {
    word += 1;
    tables.addToTeam(team, teamColumn.granted, 1);
  } else if (answer === outcome.reserved) {
    word += oneReserved;
    tables.setSlot(team, slot, 1, view.getInt32(subject.extra(payloadStart) + extraBytes, true));
  }
  tables.setSlot(team, slot, 0, word);
}

/** Changes nothing by itself: the reservation stands until the treasure's partition has answered. */
export function evolveCollectRequestedV1(): void {}

/** detail = outcome code; extra: command id. A collection that came too late is followed by the lapse. */
export function evolveCollectSettledV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  if (subject.detail(view, payloadStart) !== outcome.collected) return;
  const { team, slot } = locate(tables, event);
  tables.setSlot(team, slot, 0, tables.slot(team, slot, 0) - oneReserved + 1);
  tables.setSlot(team, slot, 1, 0);
  tables.addToTeam(team, teamColumn.granted, 1);
}

export function evolveReservationLapsedV1(tables: HuntTables, event: EventView): void {
  const { team, slot } = locate(tables, event);
  tables.setSlot(team, slot, 0, tables.slot(team, slot, 0) - oneReserved);
  tables.setSlot(team, slot, 1, 0);
}

function locate(tables: HuntTables, event: EventView): { team: number; slot: number } {
  const hunt = huntOf(tables, event);
  return {
    team: teamRowOf(tables, hunt, event),
    slot: hunt.capacity.steps + subject.item(event.view, event.payloadStart),
  };
}

import type { EventView } from 'veltrix';
import { type HuntTables, hintShift, teamColumn } from '../fold/hunt-tables.ts';
import { huntOf, teamRowOf } from '../fold/lookup.ts';
import { subject } from '../subject/subject.ts';

/** item = step; detail = hint; value = cost. */
export function evolveHintTakenV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const row = teamRowOf(tables, huntOf(tables, event), event);
  const step = subject.item(view, payloadStart);
  const bit = 1 << (hintShift + subject.detail(view, payloadStart));
  tables.setSlot(row, step, 0, tables.slot(row, step, 0) | bit);
  tables.addToTeam(row, teamColumn.points, -subject.value(view, payloadStart));
}

import type { EventView } from 'veltrix';
import { type HuntTables, teamColumn } from '../fold/hunt-tables.ts';
import { huntOf } from '../fold/lookup.ts';
import { subject } from '../subject/subject.ts';

export function evolveTeamRegisteredV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const hunt = huntOf(tables, event);
  const firstSlotRow = tables.slots.rows;
  for (let row = 0; row < hunt.slotRows; row++) tables.slots.add();
  const row = tables.teams.add();
  const { words } = tables.teams.write(row);
  const at = tables.teams.at(row);
  words[at] = subject.teamLow(view, payloadStart);
  words[at + 1] = subject.teamHigh(view, payloadStart);
  words[at + teamColumn.hunt] = hunt.row;
  words[at + teamColumn.firstSlotRow] = firstSlotRow;
  tables.teamIndex.insert(row);
}

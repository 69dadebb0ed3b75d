import type { EventView } from 'veltrix';
import { type HuntTables, teamColumn, wrongMask } from '../fold/hunt-tables.ts';
import { huntOf, teamRowOf } from '../fold/lookup.ts';
import { subject } from '../subject/subject.ts';

/** value = points taken; extra: u32 until when answers are refused, in quarters of a second since the opening (0: none). */
export function evolveAnswerRejectedV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const row = teamRowOf(tables, huntOf(tables, event), event);
  const step = subject.item(view, payloadStart);
  const word = tables.slot(row, step, 0);
  // The count stays at its largest value rather than run over into the bits beside it.
  if ((word & wrongMask) < wrongMask) tables.setSlot(row, step, 0, word + 1);
  tables.setSlot(row, step, 1, view.getInt32(subject.extra(payloadStart), true));
  tables.addToTeam(row, teamColumn.points, -subject.value(view, payloadStart));
  tables.addToTeam(row, teamColumn.wrong, 1);
}

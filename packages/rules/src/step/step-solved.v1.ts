import type { EventView } from 'veltrix';
import { type HuntTables, solvedBit, teamColumn } from '../fold/hunt-tables.ts';
import { huntOf, teamRowOf } from '../fold/lookup.ts';
import { subject } from '../subject/subject.ts';

/** value = points; extra: i32 penalty seconds, i32 second of the solution, f64 its time in ms. */
export function evolveStepSolvedV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const row = teamRowOf(tables, huntOf(tables, event), event);
  const extra = subject.extra(payloadStart);
  const step = subject.item(view, payloadStart);
  tables.setSlot(row, step, 0, tables.slot(row, step, 0) | solvedBit);
  tables.setSlot(row, step, 1, view.getInt32(extra + 4, true));
  tables.addToTeam(row, teamColumn.penaltySeconds, view.getInt32(extra, true));
  tables.addToTeam(row, teamColumn.solved, 1);
  addScore(tables, row, subject.value(view, payloadStart), view.getFloat64(extra + 8, true));
}

/** Adds points that were scored at a time; scores may arrive out of the order of their times. */
function addScore(tables: HuntTables, row: number, points: number, at: number): void {
  tables.addToTeam(row, teamColumn.points, points);
  if (at <= tables.lastScoreAt(row)) return;
  const { floats } = tables.teams.write(row);
  floats[tables.teams.at(row) / 2 + teamColumn.lastScoreAtFloat] = at;
}

/** item = step; value = points; extra: 8 bytes 0, f64 time in ms of the solution that earned it. */
export function evolveBonusGrantedV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const row = teamRowOf(tables, huntOf(tables, event), event);
  const at = view.getFloat64(subject.extra(payloadStart) + 8, true);
  addScore(tables, row, subject.value(view, payloadStart), at);
}

import type { CommandView, Decision } from 'veltrix';
import { eventType, outcome } from '../fold/codes.ts';
import type { HuntTables } from '../fold/hunt-tables.ts';
import { teamRowOf } from '../fold/lookup.ts';
import { anyHunt } from '../hunt/window.ts';
import { eventAbout } from '../subject/subject.ts';

/** Makes a team known to its partition. Doing it again changes nothing and is accepted. */
export function decideRegisterTeam(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
): void {
  const hunt = anyHunt(tables, command, decision);
  if (hunt === undefined) return;
  decision.accept(outcome.registered);
  if (teamRowOf(tables, hunt, command) < 0) {
    tables.teams.checkRoom(1);
    tables.slots.checkRoom(hunt.slotRows);
    eventAbout(decision, eventType.teamRegistered, 1, command, [0, 0, 0]);
  }
}

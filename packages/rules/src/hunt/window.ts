import type { CommandView, Decision } from 'veltrix';
import { outcome } from '../fold/codes.ts';
import type { HuntTables } from '../fold/hunt-tables.ts';
import { findHuntOf, teamRowOf } from '../fold/lookup.ts';
import type { LiveHunt } from './live-hunt.ts';

/** The hunt a command is about when it is open at the command's time; otherwise rejects and returns undefined. */
export function openHunt(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
): LiveHunt | undefined {
  const hunt = anyHunt(tables, command, decision);
  if (hunt === undefined) return undefined;
  if (command.receivedAt < hunt.definition.opensAt) {
    decision.reject(outcome.huntNotOpen);
    return undefined;
  }
  if (command.receivedAt >= hunt.definition.closesAt) {
    decision.reject(outcome.huntClosed);
    return undefined;
  }
  return hunt;
}

/** The hunt a command is about, open or not; otherwise rejects and returns undefined. */
export function anyHunt(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
): LiveHunt | undefined {
  const hunt = findHuntOf(tables, command);
  if (hunt === undefined) decision.reject(outcome.huntUnknown);
  return hunt;
}

/** Row of the command's team; otherwise rejects and returns -1. */
export function teamRow(
  tables: HuntTables,
  hunt: LiveHunt,
  command: CommandView,
  decision: Decision,
): number {
  const row = teamRowOf(tables, hunt, command);
  if (row < 0) decision.reject(outcome.teamUnknown);
  return row;
}

import type { CommandView, Decision } from 'veltrix';
import { requirementMet } from '../definition/requirement.ts';
import { eventType, outcome } from '../fold/codes.ts';
import { type HuntTables, hintShift, teamColumn } from '../fold/hunt-tables.ts';
import { openHunt, teamRow } from '../hunt/window.ts';
import { eventAbout, subject } from '../subject/subject.ts';

/** Buys a hint of an open step; its cost is taken from the team's points, which may go below zero. */
export function decideTakeHint(tables: HuntTables, command: CommandView, decision: Decision): void {
  const hunt = openHunt(tables, command, decision);
  if (hunt === undefined) return;
  const team = teamRow(tables, hunt, command, decision);
  if (team < 0) return;
  const number = subject.item(command.view, command.payloadStart);
  const step = hunt.definition.steps[number];
  if (step === undefined) return decision.reject(outcome.stepUnknown);
  const hintNumber = subject.detail(command.view, command.payloadStart);
  const hint = step.hints[hintNumber];
  if (hint === undefined) return decision.reject(outcome.hintUnknown);
  if (!requirementMet(step.requires, (other) => tables.isSolved(team, other))) {
    return decision.reject(outcome.stepNotOpen);
  }
  if (tables.isSolved(team, number)) return decision.reject(outcome.alreadySolved);
  if (tables.slot(team, number, 0) & (1 << (hintShift + hintNumber))) {
    return decision.reject(outcome.hintAlreadyTaken);
  }
  decision.accept(outcome.hintTaken, hint.cost, tables.team(team, teamColumn.points) - hint.cost);
  eventAbout(decision, eventType.hintTaken, 1, command, [number, hintNumber, hint.cost]);
}

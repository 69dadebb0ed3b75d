import { requirementMet } from '../definition/requirement.ts';
import type { LiveHunt } from '../hunt/live-hunt.ts';
import { idToHex } from '../subject/id-text.ts';
import type { Id } from '../subject/subject.ts';
import {
  coolDownUnitMs,
  type HuntTables,
  heldMask,
  hintShift,
  oneReserved,
  pendingMask,
  teamColumn,
  treasureColumn,
  wrongMask,
} from './hunt-tables.ts';

/** What a team has done, by step and treasure number. */
export function queryTeam(tables: HuntTables, huntId: Id, teamId: Id) {
  const hunt = tables.findHunt(huntId.low, huntId.high);
  const row = hunt ? tables.findTeam(hunt, teamId.low, teamId.high) : -1;
  if (hunt === undefined || row < 0) return undefined;
  const isSolved = (step: number) => tables.isSolved(row, step);
  return {
    points: tables.team(row, teamColumn.points),
    penaltySeconds: tables.team(row, teamColumn.penaltySeconds),
    lastScoreAt: tables.lastScoreAt(row),
    members: tables.team(row, teamColumn.members),
    steps: hunt.definition.steps.map((step, number) => ({
      ...stepProgress(tables, hunt, row, number),
      open: requirementMet(step.requires, isSolved),
    })),
    treasures: hunt.definition.treasures.map((treasure, item) => ({
      ...treasureProgress(tables, hunt, row, item),
      open: requirementMet(treasure.requires, isSolved),
    })),
  };
}

function stepProgress(tables: HuntTables, hunt: LiveHunt, row: number, step: number) {
  const word = tables.slot(row, step, 0);
  const until = tables.slot(row, step, 1) >>> 0;
  const solved = tables.isSolved(row, step);
  const hints: number[] = [];
  for (let hint = 0; hint < 8; hint++) if (word & (1 << (hintShift + hint))) hints.push(hint);
  return {
    solved,
    solvedAtSeconds: solved ? until : 0,
    wrongAnswers: word & wrongMask,
    coolDownUntil: solved || until === 0 ? 0 : hunt.definition.opensAt + until * coolDownUnitMs,
    hints,
  };
}

function treasureProgress(tables: HuntTables, hunt: LiveHunt, row: number, item: number) {
  const word = tables.slot(row, hunt.capacity.steps + item, 0);
  return {
    held: word & heldMask,
    pending: (word >>> 16) & pendingMask,
    reserved: (word & oneReserved) === 0 ? 0 : 1,
  };
}

/** What is left of one treasure; only its own partition knows. */
export function queryTreasure(tables: HuntTables, huntId: Id, item: number) {
  const hunt = tables.findHunt(huntId.low, huntId.high);
  const treasure = hunt?.definition.treasures[item];
  if (hunt === undefined || treasure === undefined) return undefined;
  const row = hunt.firstTreasureRow + item;
  return {
    stock: treasure.stock,
    granted: tables.treasure(row, treasureColumn.granted),
    reserved: tables.treasure(row, treasureColumn.reserved),
  };
}

/** Every hunt published on this partition, with its JSON. */
export function queryHunts(tables: HuntTables): { huntId: string; publishedJson: string }[] {
  return tables.live.map((hunt) => ({
    huntId: idToHex(hunt.id.low, hunt.id.high),
    publishedJson: tables.publishedJson(hunt.row),
  }));
}

/** Visits every team's standing, in no order. */
export function forEachTeam(
  tables: HuntTables,
  visit: (hunt: LiveHunt, row: number) => void,
): void {
  for (let row = 0; row < tables.teams.rows; row++) {
    visit(tables.live[tables.team(row, teamColumn.hunt)]!, row);
  }
}

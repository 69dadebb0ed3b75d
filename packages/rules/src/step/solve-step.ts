import type { CommandView, Decision } from 'veltrix';
import type { StepDefinition, StepKind } from '../definition/hunt-definition.ts';
import { judgePlace } from '../definition/place.ts';
import { requirementMet } from '../definition/requirement.ts';
import { eventType, messageType, outcome } from '../fold/codes.ts';
import {
  coolDownUnitMs,
  type HuntTables,
  lastCoolDownUnit,
  teamColumn,
  wrongMask,
} from '../fold/hunt-tables.ts';
import type { LiveHunt } from '../hunt/live-hunt.ts';
import { openHunt, teamRow } from '../hunt/window.ts';
import { eventAbout, extraBytes, messageAbout, subject } from '../subject/subject.ts';

/** What an attempt at a step is judged by. */
interface Attempt {
  readonly hunt: LiveHunt;
  readonly team: number;
  readonly number: number;
  readonly step: StepDefinition;
}

export function decideSubmitAnswer(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
): void {
  decideHashed(tables, command, decision, 'answer');
}

export function decideScanCode(tables: HuntTables, command: CommandView, decision: Decision): void {
  decideHashed(tables, command, decision, 'scan');
}

function decideHashed(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
  kind: StepKind,
): void {
  const attempt = begin(tables, command, decision, kind);
  if (attempt === undefined) return;
  const { view, payloadStart } = command;
  if (attempt.hunt.accepts(attempt.number, view, subject.extra(payloadStart))) {
    solve(tables, command, decision, attempt);
  } else refuse(tables, command, decision, attempt);
}

/**
 * A check-in says how far from the place the fix was and how accurate it is, in metres. It is inside
 * when the fix's circle touches the place's. A fix that is too coarse or too far is no wrong answer:
 * it costs nothing.
 */
export function decideCheckIn(tables: HuntTables, command: CommandView, decision: Decision): void {
  const attempt = begin(tables, command, decision, 'place');
  if (attempt === undefined) return;
  const { view, payloadStart } = command;
  const place = attempt.step.place!;
  const distance = subject.value(view, payloadStart);
  const accuracy = subject.detail(view, payloadStart);
  const verdict = judgePlace(place, distance, accuracy);
  if (verdict === 'inside') solve(tables, command, decision, attempt);
  else if (verdict === 'outside') decision.accept(outcome.tooFar, distance, place.radiusMeters);
  else decision.accept(outcome.tooCoarse, accuracy, place.accuracyLimitMeters);
}

/** Checks all that must hold before an attempt is judged; rejects and returns undefined when it does not. */
function begin(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
  kind: StepKind,
): Attempt | undefined {
  const hunt = openHunt(tables, command, decision);
  if (hunt === undefined) return undefined;
  const team = teamRow(tables, hunt, command, decision);
  if (team < 0) return undefined;
  const number = subject.item(command.view, command.payloadStart);
  const step = hunt.definition.steps[number];
  if (step === undefined) decision.reject(outcome.stepUnknown);
  else if (step.kind !== kind) decision.reject(outcome.stepOfOtherKind);
  else if (tables.isSolved(team, number)) decision.reject(outcome.alreadySolved);
  else if (!requirementMet(step.requires, (other) => tables.isSolved(team, other))) {
    decision.reject(outcome.stepNotOpen);
  } else {
    const wait = coolDownLeft(tables, hunt, team, number, command.receivedAt);
    if (wait === 0) return { hunt, team, number, step };
    decision.reject(outcome.coolingDown, wait);
  }
  return undefined;
}

/** Whole seconds until the team may answer again, rounded up; 0 when it may. */
function coolDownLeft(
  tables: HuntTables,
  hunt: LiveHunt,
  team: number,
  step: number,
  at: number,
): number {
  const until = tables.slot(team, step, 1) >>> 0;
  if (until === 0) return 0;
  const leftMs = hunt.definition.opensAt + until * coolDownUnitMs - at;
  return leftMs > 0 ? Math.ceil(leftMs / 1000) : 0;
}

function solve(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
  { hunt, team, number, step }: Attempt,
): void {
  const wrong = tables.slot(team, number, 0) & wrongMask;
  const seconds = Math.floor((command.receivedAt - hunt.definition.opensAt) / 1000);
  decision.accept(outcome.solved, step.points, tables.team(team, teamColumn.points) + step.points);
  const start = eventAbout(
    decision,
    eventType.stepSolved,
    1,
    command,
    [number, 0, step.points],
    extraBytes,
  );
  const extra = subject.extra(start);
  decision.view.setInt32(extra, seconds + wrong * step.wrongPenaltySeconds, true);
  decision.view.setInt32(extra + 4, seconds, true);
  decision.view.setFloat64(extra + 8, command.receivedAt, true);
  if (step.bonus > 0) claimBonus(command, decision, hunt, number);
}

/** The bonus for the first solver is a treasure with a stock of one. */
function claimBonus(command: CommandView, decision: Decision, hunt: LiveHunt, step: number): void {
  const item = hunt.bonusItem(step);
  const start = messageAbout(
    decision,
    hunt.partitionOfItem(item),
    messageType.claimStock,
    command,
    [item, 0, 0],
  );
  decision.view.setFloat64(subject.extra(start) + 8, command.receivedAt, true);
}

function refuse(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
  { hunt, team, number, step }: Attempt,
): void {
  const wrong = (tables.slot(team, number, 0) & wrongMask) + 1;
  decision.accept(outcome.wrong, wrong, Math.ceil(step.coolDownMs / 1000));
  const start = eventAbout(
    decision,
    eventType.answerRejected,
    1,
    command,
    [number, 0, step.deduct],
    extraBytes,
  );
  const untilMs = command.receivedAt + step.coolDownMs - hunt.definition.opensAt;
  // Rounded down, so that nobody waits longer than they were told.
  const units = step.coolDownMs > 0 ? Math.floor(untilMs / coolDownUnitMs) : 0;
  decision.view.setUint32(subject.extra(start), Math.min(units, lastCoolDownUnit), true);
}

import type { CommandView, Decision } from 'veltrix';
import type { TreasureDefinition } from '../definition/hunt-definition.ts';
import { requirementMet } from '../definition/requirement.ts';
import { eventType, isRefusal, messageType, outcome } from '../fold/codes.ts';
import { type HuntTables, heldMask, oneReserved, pendingMask } from '../fold/hunt-tables.ts';
import { huntOf, teamRowOf } from '../fold/lookup.ts';
import type { LiveHunt } from '../hunt/live-hunt.ts';
import { openHunt, teamRow } from '../hunt/window.ts';
import {
  copyExtra,
  eventAbout,
  extraBytes,
  messageAbout,
  reservationExtraBytes,
  subject,
} from '../subject/subject.ts';
import { isSoldOut } from './treasure-stock.ts';

/*
 * A claim is a conversation between the team's partition and the treasure's: the team's says whether
 * the team may ask (requirements, limit per team), the treasure's whether there is any left, in the
 * order of its log. In between the claim is pending, and counts against the team's limit.
 */

interface OwnTreasure {
  readonly hunt: LiveHunt;
  readonly team: number;
  readonly item: number;
  readonly treasure: TreasureDefinition;
}

function ownTreasure(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
): OwnTreasure | undefined {
  const hunt = openHunt(tables, command, decision);
  if (hunt === undefined) return undefined;
  const team = teamRow(tables, hunt, command, decision);
  if (team < 0) return undefined;
  const item = subject.item(command.view, command.payloadStart);
  const treasure = hunt.definition.treasures[item];
  if (treasure === undefined) {
    decision.reject(outcome.treasureUnknown);
    return undefined;
  }
  return { hunt, team, item, treasure };
}

export function decideClaimTreasure(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
): void {
  const own = ownTreasure(tables, command, decision);
  if (own === undefined) return;
  const { hunt, team, item, treasure } = own;
  if (!requirementMet(treasure.requires, (step) => tables.isSolved(team, step))) {
    return decision.reject(outcome.treasureNotOpen);
  }
  const word = tables.slot(team, hunt.capacity.steps + item, 0);
  const reserved = (word & oneReserved) !== 0 ? 1 : 0;
  const asked = (word & heldMask) + ((word >>> 16) & pendingMask) + reserved;
  // One reservation at a time: the team collects what it has before it asks for another.
  if (asked >= treasure.perTeam || reserved === 1 || asked - (word & heldMask) >= pendingMask) {
    return decision.reject(outcome.treasureLimitReached, asked, treasure.perTeam);
  }
  if (treasure.reservationMs > 0 && ((word >>> 16) & pendingMask) > 0) {
    return decision.reject(outcome.treasureLimitReached, asked, treasure.perTeam);
  }
  const partition = hunt.partitionOfItem(item);
  // Whoever comes too late is told at once where both sides are here: most of a crowd does.
  if (partition === tables.context.partition && isSoldOut(tables, hunt, item)) {
    eventAbout(decision, eventType.treasureSoldOut, 1, command, [item, 0, 0]);
    return decision.reject(outcome.soldOut, item);
  }
  decision.accept(outcome.claimPending, item);
  eventAbout(decision, eventType.claimRequested, 1, command, [item, 0, 0]);
  const message = messageAbout(decision, partition, messageType.claimStock, command, [item, 0, 0]);
  copyExtra(decision.view, subject.extra(message), command.view, command.idStart);
}

/** The team's side again: the treasure's partition has answered a claim, or a first-solver bonus. */
export function decideClaimSettled(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
): void {
  const { view, payloadStart } = message;
  const hunt = huntOf(tables, message);
  const item = subject.item(view, payloadStart);
  const answer = subject.detail(view, payloadStart);
  if (item >= hunt.capacity.treasures) {
    if (answer === outcome.granted) grantBonus(hunt, message, decision);
    return;
  }
  const value = subject.value(view, payloadStart);
  if (isRefusal(answer)) decision.reject(answer, item, value);
  else decision.accept(answer, item, value);
  const start = eventAbout(
    decision,
    eventType.claimSettled,
    1,
    message,
    [item, answer, value],
    reservationExtraBytes,
  );
  copyReservationExtra(decision.view, start, view, payloadStart);
}

/** The event's extra bytes are the message's: command id, row and number of the reservation. */
function copyReservationExtra(
  to: DataView,
  toStart: number,
  from: DataView,
  fromStart: number,
): void {
  copyExtra(to, subject.extra(toStart), from, subject.extra(fromStart));
  for (let byte = extraBytes; byte < reservationExtraBytes; byte += 4) {
    to.setInt32(
      subject.extra(toStart) + byte,
      from.getInt32(subject.extra(fromStart) + byte, true),
      true,
    );
  }
}

function grantBonus(hunt: LiveHunt, message: CommandView, decision: Decision): void {
  const { view, payloadStart } = message;
  const step = subject.item(view, payloadStart) - hunt.capacity.treasures;
  const points = hunt.definition.steps[step]?.bonus ?? 0;
  const start = eventAbout(
    decision,
    eventType.bonusGranted,
    1,
    message,
    [step, 0, points],
    extraBytes,
  );
  copyExtra(decision.view, subject.extra(start), view, subject.extra(payloadStart));
}

/** Takes what is reserved for the team. */
export function decideCollectTreasure(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
): void {
  const own = ownTreasure(tables, command, decision);
  if (own === undefined) return;
  const { hunt, team, item } = own;
  const slot = hunt.capacity.steps + item;
  if ((tables.slot(team, slot, 0) & oneReserved) === 0) {
    return decision.reject(outcome.nothingReserved, item);
  }
  decision.accept(outcome.collectPending, item);
  eventAbout(decision, eventType.collectRequested, 1, command, [item, 0, 0]);
  const message = messageAbout(
    decision,
    hunt.partitionOfItem(item),
    messageType.collectStock,
    command,
    [item, 0, tables.slot(team, slot, 1)],
  );
  copyExtra(decision.view, subject.extra(message), command.view, command.idStart);
}

export function decideCollectSettled(
  _tables: HuntTables,
  message: CommandView,
  decision: Decision,
): void {
  const { view, payloadStart } = message;
  const item = subject.item(view, payloadStart);
  const answer = subject.detail(view, payloadStart);
  const value = subject.value(view, payloadStart);
  if (answer === outcome.collected) decision.accept(answer, item, value);
  else decision.reject(answer, item, value);
  const start = eventAbout(
    decision,
    eventType.collectSettled,
    1,
    message,
    [item, answer, value],
    extraBytes,
  );
  copyExtra(decision.view, subject.extra(start), view, subject.extra(payloadStart));
}

export function decideReservationLapsed(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
): void {
  const hunt = huntOf(tables, message);
  if (teamRowOf(tables, hunt, message) < 0) return;
  const item = subject.item(message.view, message.payloadStart);
  eventAbout(decision, eventType.reservationLapsed, 1, message, [item, 0, 0]);
}

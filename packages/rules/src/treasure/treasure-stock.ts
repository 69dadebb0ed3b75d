import type { CommandView, Decision } from 'veltrix';
import { eventType, messageType, type OutcomeCode, outcome } from '../fold/codes.ts';
import { type HuntTables, reservationColumn, treasureColumn } from '../fold/hunt-tables.ts';
import { findHuntOf, huntOf, partitionOfTeam } from '../fold/lookup.ts';
import type { LiveHunt } from '../hunt/live-hunt.ts';
import {
  copyExtra,
  copyWho,
  eventAbout,
  extraBytes,
  messageAbout,
  reservationExtraBytes,
  subject,
  subjectBytes,
  writeWhat,
} from '../subject/subject.ts';

/*
 * The treasure's side of a claim. First come is the order of this partition's log. What was reserved
 * and granted together never exceeds the stock.
 */

/** How many there are of an item: a treasure's stock, or one first-solver bonus. */
function stockOf(hunt: LiveHunt, item: number): number {
  if (item >= hunt.capacity.treasures) return 1;
  return hunt.definition.treasures[item]?.stock ?? 0;
}

/** Whether all of it is granted or reserved; `hunt` must have its treasures on this partition. */
export function isSoldOut(tables: HuntTables, hunt: LiveHunt, item: number): boolean {
  const row = hunt.firstTreasureRow + item;
  const granted = tables.treasure(row, treasureColumn.granted);
  return granted + tables.treasure(row, treasureColumn.reserved) >= stockOf(hunt, item);
}

export function decideClaimStock(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
): void {
  const { view, payloadStart } = message;
  const hunt = findHuntOf(tables, message);
  // A hunt reaches its partitions one by one: a claim may be here before it. It must be answered all
  // the same, or it would stay pending for ever.
  if (hunt === undefined) {
    settle(tables, message, decision, outcome.huntUnknown, 0);
    return;
  }
  const item = subject.item(view, payloadStart);
  const granted = tables.treasure(hunt.firstTreasureRow + item, treasureColumn.granted);
  const reservationMs = hunt.definition.treasures[item]?.reservationMs ?? 0;
  if (isSoldOut(tables, hunt, item)) {
    eventAbout(decision, eventType.treasureSoldOut, 1, message, [item, 0, 0]);
    settle(tables, message, decision, outcome.soldOut, 0);
  } else if (reservationMs === 0) {
    eventAbout(decision, eventType.treasureGranted, 1, message, [item, 0, granted + 1]);
    settle(tables, message, decision, outcome.granted, granted + 1);
  } else reserve(tables, message, decision, reservationMs);
}

function reserve(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
  reservationMs: number,
): void {
  const item = subject.item(message.view, message.payloadStart);
  const free = tables.reservation(0, reservationColumn.nextFree);
  // Each has a timer, but for those whose expiry failed before decision 44: so there may be room for a timer only.
  if (free === 0) tables.reservations.checkRoom(1);
  const row = free || tables.reservations.rows;
  const number = (tables.reservation(0, reservationColumn.number) + 1) | 0;
  const expiresAt = message.receivedAt + reservationMs;
  const event = eventAbout(
    decision,
    eventType.treasureReserved,
    1,
    message,
    [item, 0, number],
    extraBytes,
  );
  decision.view.setInt32(subject.extra(event), row, true);
  decision.view.setFloat64(subject.extra(event) + 8, expiresAt, true);
  const timer = decision.setTimer(expiresAt, messageType.expireReservation, subjectBytes + 8);
  copyWho(decision.view, timer, message.view, message.payloadStart);
  writeWhat(decision.view, timer, item, 0, number);
  decision.view.setInt32(subject.extra(timer), row, true);
  const seconds = Math.ceil(reservationMs / 1000);
  const settled = settle(tables, message, decision, outcome.reserved, seconds);
  decision.view.setInt32(subject.extra(settled) + extraBytes, row, true);
  decision.view.setInt32(subject.extra(settled) + extraBytes + 4, number, true);
}

/** A claim that could not be decided: the team may ask again. */
export function refuseClaimStock(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
  answer: OutcomeCode,
): void {
  settle(tables, message, decision, answer, 0);
}

function settle(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
  answer: number,
  value: number,
): number {
  return reply(tables, message, decision, messageType.claimSettled, answer, value);
}

function reply(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
  type: number,
  answer: number,
  value: number,
): number {
  const { view, payloadStart } = message;
  const start = messageAbout(
    decision,
    partitionOfTeam(tables, message),
    type,
    message,
    [subject.item(view, payloadStart), answer, value],
    reservationExtraBytes,
  );
  copyExtra(decision.view, subject.extra(start), view, subject.extra(payloadStart));
  return start;
}

/** A team collects its reservation; value = row of it. */
export function decideCollectStock(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
): void {
  const { view, payloadStart } = message;
  const hunt = huntOf(tables, message);
  const item = subject.item(view, payloadStart);
  const row = subject.value(view, payloadStart);
  const treasureRow = hunt.firstTreasureRow + item;
  const isTheirs =
    row > 0 &&
    row < tables.reservations.rows &&
    tables.reservation(row, reservationColumn.number) !== 0 &&
    tables.reservation(row, reservationColumn.treasureRow) === treasureRow &&
    tables.reservation(row, reservationColumn.teamLow) === subject.teamLow(view, payloadStart) &&
    tables.reservation(row, reservationColumn.teamHigh) === subject.teamHigh(view, payloadStart);
  if (!isTheirs) {
    reply(tables, message, decision, messageType.collectSettled, outcome.reservationGone, 0);
    return;
  }
  const granted = tables.treasure(treasureRow, treasureColumn.granted) + 1;
  const event = eventAbout(
    decision,
    eventType.treasureCollected,
    1,
    message,
    [item, 0, granted],
    extraBytes,
  );
  decision.view.setInt32(subject.extra(event), row, true);
  reply(tables, message, decision, messageType.collectSettled, outcome.collected, granted);
}

/** A collection that could not be decided: the reservation stands. */
export function refuseCollectStock(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
  answer: OutcomeCode,
): void {
  reply(tables, message, decision, messageType.collectSettled, answer, 0);
}

/** Timer: value = number of the reservation; extra: i32 its row. One that was collected is left alone. */
export function decideExpireReservation(
  tables: HuntTables,
  timer: CommandView,
  decision: Decision,
): void {
  const { view, payloadStart } = timer;
  const row = view.getInt32(subject.extra(payloadStart), true);
  const number = subject.value(view, payloadStart);
  if (tables.reservation(row, reservationColumn.number) !== number) return;
  const item = subject.item(view, payloadStart);
  const event = eventAbout(
    decision,
    eventType.reservationExpired,
    1,
    timer,
    [item, 0, number],
    extraBytes,
  );
  decision.view.setInt32(subject.extra(event), row, true);
  messageAbout(decision, partitionOfTeam(tables, timer), messageType.reservationLapsed, timer, [
    item,
    0,
    0,
  ]);
}

import type { EventView } from 'veltrix';
import { type HuntTables, reservationColumn, treasureColumn } from '../fold/hunt-tables.ts';
import { huntOf } from '../fold/lookup.ts';
import { subject } from '../subject/subject.ts';

/** Treasure's side. item = treasure, or number of treasures + step for a bonus; value = number of the grant. */
export function evolveTreasureGrantedV1(tables: HuntTables, event: EventView): void {
  tables.addToTreasure(treasureRow(tables, event), treasureColumn.granted, 1);
}

/** value = number of the reservation; extra: i32 row, 4 bytes 0, f64 when it expires, ms. */
export function evolveTreasureReservedV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const row = view.getInt32(subject.extra(payloadStart), true);
  const number = subject.value(view, payloadStart);
  if (row === tables.reservations.rows) tables.reservations.add();
  else {
    const next = tables.reservation(row, reservationColumn.nextFree);
    tables.setReservation(0, reservationColumn.nextFree, next);
  }
  tables.setReservation(0, reservationColumn.number, number);
  tables.setReservation(row, reservationColumn.treasureRow, treasureRow(tables, event));
  tables.setReservation(row, reservationColumn.teamLow, subject.teamLow(view, payloadStart));
  tables.setReservation(row, reservationColumn.teamHigh, subject.teamHigh(view, payloadStart));
  tables.setReservation(row, reservationColumn.nextFree, 0);
  tables.setReservation(row, reservationColumn.number, number);
  tables.addToTreasure(treasureRow(tables, event), treasureColumn.reserved, 1);
}

/** Nothing changes: it tells who came too late. */
export function evolveTreasureSoldOutV1(): void {}

/** extra: i32 row of the reservation. */
export function evolveReservationExpiredV1(tables: HuntTables, event: EventView): void {
  freeReservation(tables, event);
  tables.addToTreasure(treasureRow(tables, event), treasureColumn.reserved, -1);
}

/** value = number of the grant; extra: i32 row of the reservation. */
export function evolveTreasureCollectedV1(tables: HuntTables, event: EventView): void {
  freeReservation(tables, event);
  tables.addToTreasure(treasureRow(tables, event), treasureColumn.reserved, -1);
  tables.addToTreasure(treasureRow(tables, event), treasureColumn.granted, 1);
}

function freeReservation(tables: HuntTables, event: EventView): void {
  const row = event.view.getInt32(subject.extra(event.payloadStart), true);
  tables.setReservation(row, reservationColumn.number, 0);
  const head = tables.reservation(0, reservationColumn.nextFree);
  tables.setReservation(row, reservationColumn.nextFree, head);
  tables.setReservation(0, reservationColumn.nextFree, row);
}

function treasureRow(tables: HuntTables, event: EventView): number {
  return huntOf(tables, event).firstTreasureRow + subject.item(event.view, event.payloadStart);
}

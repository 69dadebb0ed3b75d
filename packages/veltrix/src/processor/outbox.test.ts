import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventView } from '../records/decision-record.ts';
import { StateSpace } from '../state/state-space.ts';
import { Outbox } from './outbox.ts';
import { envelopeBytes } from './platform-records.ts';

function newOutbox(maxRows = 100): { outbox: Outbox; space: StateSpace } {
  const space = new StateSpace(maxRows);
  return { outbox: new Outbox(space, { partition: 0, partitionCount: 3 }), space };
}

/** As after a start from a checkpoint of these tables. */
function restored({ tables }: StateSpace, maxRows: number): Outbox {
  const { outbox, space } = newOutbox(maxRows);
  for (const [number, table] of space.tables.entries()) {
    const { rows, pages } = tables[number]!;
    table.rows = rows;
    for (const [page, { bytes }] of pages.entries()) table.restorePage(page, bytes);
  }
  outbox.restored();
  return outbox;
}

/** A `messageSent` event with 16 bytes of payload, all of them `fill`. */
function sent(to: number, sequence: number, fill = sequence): EventView {
  const event = new EventView();
  event.bytes = new Uint8Array(envelopeBytes + 16).fill(fill, envelopeBytes);
  event.view = new DataView(event.bytes.buffer);
  event.view.setUint16(0, to, true);
  event.view.setUint16(2, 0x180, true);
  event.view.setUint32(4, sequence, true);
  event.payloadEnd = event.bytes.length;
  return event;
}

/** The payload of a message to `to`, and its type. */
function message(outbox: Outbox, to: number, sequence: number): [number, Uint8Array] {
  const { type, bytes, payloadStart, payloadEnd } = outbox.message(to, sequence);
  return [type, bytes.slice(payloadStart, payloadEnd)];
}

/** The first byte of each message that waits, by which `sent` tells them apart. */
function waiting(outbox: Outbox, to: number): number[] {
  const first = outbox.lastAcknowledged(to) + 1;
  return Array.from({ length: outbox.waiting(to) }, (_, place) => {
    return message(outbox, to, first + place)[1][0]!;
  });
}

describe('the outbox', () => {
  test('keeps messages by destination, in order, until they are acknowledged', () => {
    const { outbox } = newOutbox();
    for (const [to, sequence] of [
      [1, 1],
      [2, 1],
      [1, 2],
      [1, 3],
    ] as const)
      outbox.sent(sent(to, sequence));
    assert.deepEqual([outbox.nextSequence(1), outbox.nextSequence(2)], [4, 2]);
    assert.deepEqual(waiting(outbox, 1), [1, 2, 3]);
    outbox.trim(1, 2);
    assert.deepEqual(waiting(outbox, 1), [3]);
    assert.deepEqual([outbox.waiting(1), outbox.waiting(2), outbox.lastAcknowledged(1)], [1, 1, 2]);
    assert.deepEqual(message(outbox, 1, 3), [0x180, new Uint8Array(16).fill(3)]);
    for (const none of [2, 4]) {
      assert.throws(() => outbox.message(1, none), { message: `message ${none} does not wait` });
    }
  });

  test('keeps any number of messages in order while others come and go', () => {
    const { outbox, space } = newOutbox(1_000);
    let next = 1;
    for (const acknowledged of [0, 50, 51, 180, 400, 400, 777]) {
      if (acknowledged > 0) outbox.trim(1, acknowledged);
      for (let left = 150; left > 0; left--) outbox.sent(sent(1, next, next++ % 251));
      const expected = Array.from({ length: next - 1 - acknowledged }, (_, place) => {
        return (acknowledged + 1 + place) % 251;
      });
      assert.deepEqual(waiting(outbox, 1), expected);
      outbox.restored();
      assert.deepEqual(waiting(outbox, 1), expected);
    }
    assert.ok(space.tables[1]!.rows < 700);
  });

  test('a message to the partition itself takes a number and does not wait', () => {
    const { outbox } = newOutbox();
    outbox.sent(sent(0, 1));
    assert.deepEqual([outbox.nextSequence(0), outbox.waiting(0)], [2, 0]);
  });

  test('uses rows again and finds everything after a restore, in the order sent', () => {
    const { outbox, space } = newOutbox();
    for (let sequence = 1; sequence <= 4; sequence++) outbox.sent(sent(1, sequence));
    outbox.trim(1, 3);
    for (let sequence = 5; sequence <= 7; sequence++) outbox.sent(sent(1, sequence));
    assert.equal(space.tables[1]!.rows, 4);
    outbox.restored();
    assert.deepEqual(waiting(outbox, 1), [4, 5, 6, 7]);
  });

  test('says when there is no room, freed rows counted', () => {
    const { outbox, space } = newOutbox(3);
    for (let sequence = 1; sequence <= 3; sequence++) outbox.sent(sent(1, sequence));
    assert.throws(() => outbox.checkRoom(1, true), { id: 'veltrix-state-full' });
    outbox.trim(1, 2);
    for (const one of [outbox, restored(space, 3)]) {
      one.checkRoom(2, true);
      assert.throws(() => one.checkRoom(3, true), { id: 'veltrix-state-full' });
    }
  });

  test('keeps its last rows for answers: one of a few, 64 of many', () => {
    for (const [rows, kept] of [
      [3, 1],
      [100, 12],
      [10_000, 64],
    ] as const) {
      const { outbox } = newOutbox(rows);
      outbox.checkRoom(rows - kept, false);
      assert.throws(() => outbox.checkRoom(rows - kept + 1, false), { id: 'veltrix-state-full' });
      outbox.checkRoom(rows, true);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventView } from '../records/decision-record.ts';
import { StateSpace } from '../state/state-space.ts';
import { timerSetBytes } from './platform-records.ts';
import { TimerTable } from './timer-table.ts';

/** A `timerSet` event whose payload is `size` times the timer's number. */
function timerSet(number: number, dueAt: number, size = 8): EventView {
  const event = new EventView();
  event.bytes = new Uint8Array(timerSetBytes + size).fill(number, timerSetBytes);
  event.view = new DataView(event.bytes.buffer);
  event.view.setFloat64(0, dueAt, true);
  event.view.setUint32(8, number, true);
  event.view.setUint16(12, 0x187, true);
  event.view.setUint16(14, size, true);
  event.payloadEnd = event.bytes.length;
  return event;
}

function all(timers: TimerTable): [number, number][] {
  const found: [number, number][] = [];
  timers.forEach((number, dueAt) => {
    found.push([number, dueAt]);
  });
  return found;
}

describe('the timer table', () => {
  test('holds timers until they are cleared, and numbers them on', () => {
    const timers = new TimerTable(new StateSpace(100));
    assert.equal(timers.next(), 1);
    timers.set(timerSet(1, 500, 40));
    timers.set(timerSet(2, 400, 0));
    assert.deepEqual(all(timers), [
      [1, 500],
      [2, 400],
    ]);
    assert.deepEqual(timers.get(1), {
      ...{ number: 1, dueAt: 500, type: 0x187, payload: new Uint8Array(40).fill(1) },
    });
    timers.clear(1);
    timers.clear(1);
    assert.deepEqual(
      [timers.has(1), timers.get(1), timers.has(2), timers.next()],
      [false, undefined, true, 3],
    );
  });

  test('a table that holds more than its limit has room for what becomes free', () => {
    const space = new StateSpace(10);
    const timers = new TimerTable(space);
    for (let number = 1; number <= 8; number++) timers.set(timerSet(number, 100));
    // As a checkpoint of a process with another limit leaves it.
    Object.defineProperty(space.tables[0], 'maxRows', { value: 4 });
    assert.throws(() => timers.checkRoom(1), { id: 'veltrix-state-full' });
    timers.clear(3);
    timers.checkRoom(1);
    assert.throws(() => timers.checkRoom(2), { id: 'veltrix-state-full' });
  });

  test('a row that is used again holds nothing of the timer before', () => {
    const space = new StateSpace(100);
    const timers = new TimerTable(space);
    timers.set(timerSet(1, 500, 40));
    timers.clear(1);
    timers.set(timerSet(2, 600, 8));
    assert.equal(space.tables[0]!.rows, 2);
    assert.deepEqual(timers.get(2)?.payload, new Uint8Array(8).fill(2));
    const { bytes } = space.tables[0]!.page(1);
    assert.ok(bytes.subarray(64 + 24 + 8, 128).every((byte) => byte === 0));
  });

  test('finds the last timer after a restore, though the counters hold its number too', () => {
    const timers = new TimerTable(new StateSpace(100));
    timers.set(timerSet(1, 500));
    timers.set(timerSet(2, 600));
    timers.clear(1);
    timers.restored();
    assert.deepEqual([timers.has(1), timers.has(2)], [false, true]);
    timers.set(timerSet(3, 700));
    timers.clear(2);
    timers.restored();
    assert.deepEqual(all(timers), [[3, 700]]);
  });

  test('says when there is no room, freed rows counted', () => {
    const timers = new TimerTable(new StateSpace(3));
    timers.set(timerSet(1, 1));
    timers.set(timerSet(2, 1));
    assert.throws(() => timers.checkRoom(1), { id: 'veltrix-state-full' });
    timers.clear(1);
    timers.checkRoom(1);
    assert.throws(() => timers.checkRoom(2), { id: 'veltrix-state-full' });
  });
});

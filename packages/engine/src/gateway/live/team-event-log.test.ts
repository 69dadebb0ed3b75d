import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventType, subjectBytes } from '@hunt/rules';
import type { EventView } from 'veltrix';
import { cursorText, parseCursor, TeamEventLog } from './team-event-log.ts';

const hunt = { low: 1, high: 2 };

function eventOf(team: number, value: number): EventView {
  const view = new DataView(new ArrayBuffer(subjectBytes));
  view.setInt32(0, hunt.low, true);
  view.setInt32(4, hunt.high, true);
  view.setInt32(8, team, true);
  view.setUint16(24, 0xfffe, true);
  view.setInt32(28, value, true);
  const { stepSolved: type } = eventType;
  return { view, payloadStart: 0, type, receivedAt: 5_000 } as EventView;
}

/** Ten records from offset 100 on, each with an event of team 1 and one of team 2. */
function filled(capacity: number): TeamEventLog {
  const log = new TeamEventLog(capacity);
  for (let offset = 100; offset < 110; offset++) {
    log.beginRecord(offset);
    log.append(offset, 0, eventOf(1, offset));
    log.append(offset, 3, eventOf(2, -offset));
  }
  return log;
}

function valuesAfter(log: TeamEventLog, offset: number, index: number, team = 1) {
  return log.after({ offset, index }, hunt, { low: team, high: 0 })?.map(({ value }) => value);
}

test('what a team missed, in order, and only its own', () => {
  const log = filled(100);
  assert.deepEqual(valuesAfter(log, 107, 0), [108, 109]);
  assert.deepEqual(valuesAfter(log, 107, -1), [107, 108, 109]);
  assert.deepEqual(valuesAfter(log, 108, 0, 2), [-108, -109]);
  assert.deepEqual(valuesAfter(log, 109, 3), []);
  assert.deepEqual(valuesAfter(log, 109, 3, 7), []);
  assert.deepEqual(log.last, { offset: 109, index: 3 });
});

test('events keep all their values', () => {
  const [event] = filled(4).after({ offset: 109, index: 0 }, hunt, { low: 2, high: 0 })!;
  assert.deepEqual(event, {
    offset: 109,
    index: 3,
    hunt,
    team: { low: 2, high: 0 },
    type: eventType.stepSolved,
    item: 0xfffe,
    detail: 0,
    value: -109,
    at: 5_000,
  });
});

test('what may be gone is said, not skipped', () => {
  assert.equal(new TeamEventLog(4).after({ offset: 5, index: 0 }, hunt, hunt), undefined);
  // Of a process before this one: it cannot be known what was missed.
  assert.equal(valuesAfter(filled(100), 98, 0), undefined);
  assert.deepEqual(valuesAfter(filled(100), 100, -1)?.length, 10);
  // Four events are kept: those of 108 and 109.
  assert.deepEqual(valuesAfter(filled(4), 107, 3), [108, 109]);
  assert.equal(valuesAfter(filled(4), 107, 2), undefined);
});

test('cursors are texts of their own form', () => {
  const position = { offset: 2 ** 40, index: 7 };
  assert.deepEqual(parseCursor(cursorText(position)), position);
  assert.deepEqual(parseCursor('5.-1'), { offset: 5, index: -1 });
  for (const text of ['', '5', '5.', '.5', '-5.1', '5.1 ', '1e3.1', `${'9'.repeat(20)}.1`]) {
    assert.equal(parseCursor(text), undefined, text);
  }
});

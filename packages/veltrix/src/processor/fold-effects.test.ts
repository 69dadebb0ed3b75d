import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventView } from '../records/decision-record.ts';
import { FoldEffects } from './fold-effects.ts';
import type { Outbox } from './outbox.ts';
import { platformEvent, timerSetBytes } from './platform-records.ts';

const outbox = { nextSequence: () => 2, lastReceived: () => 1 } as Partial<Outbox> as Outbox;
const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), flags: 1 };

function timerSet(number: number): EventView {
  const view = new DataView(new ArrayBuffer(timerSetBytes));
  view.setUint32(8, number, true);
  return Object.assign(new EventView(), { type: platformEvent.timerSet, view });
}

test('what was handed over stays as it is, also what of it was empty', () => {
  const effects = new FoldEffects(outbox);
  effects.received(1);
  const first = effects.take();
  effects.trace = context;
  effects.evolved(timerSet(7));
  assert.deepEqual(first, {
    ...{ timers: [], sent: [], received: [[1, 1]], traced: [], tracedTimers: [] },
  });
  assert.deepEqual(effects.take(), {
    ...{ timers: [{ number: 7, dueAt: 0 }], sent: [], received: [], traced: [] },
    tracedTimers: [{ number: 7, context }],
  });
});

test('what is forgotten is handed to nobody, and what was handed over is not forgotten', () => {
  const effects = new FoldEffects(outbox);
  effects.trace = context;
  effects.evolved(timerSet(7));
  const taken = effects.take();
  effects.evolved(timerSet(8));
  effects.received(1);
  effects.forget();
  assert.equal(effects.take(), undefined);
  assert.deepEqual(taken?.timers, [{ number: 7, dueAt: 0 }]);
  assert.equal(taken.tracedTimers.length, 1);
});

test('an acknowledgement asks to send on, as far as messages were sent', () => {
  const effects = new FoldEffects(outbox);
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, 3, true);
  effects.evolved(Object.assign(new EventView(), { type: platformEvent.outboxTrimmed, view }));
  assert.deepEqual(effects.take()?.sent, [[3, 1]]);
});

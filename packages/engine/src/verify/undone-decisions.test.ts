import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decisionHeaderBytes,
  decisionRecordHeaderBytes,
  decisionStatus,
  eventHeaderBytes,
  platformCode,
  platformEvent,
} from 'veltrix';
import { hasUndone } from './undone-decisions.ts';

/** A record of one decision with one event of this type. */
function record(status: number, code: number, eventType: number): Uint8Array {
  const decisionBytes = decisionHeaderBytes + eventHeaderBytes + 8;
  const bytes = new Uint8Array(decisionRecordHeaderBytes + decisionBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([1, 2]);
  view.setUint32(4, 1, true);
  const decision = decisionRecordHeaderBytes;
  view.setUint32(decision, decisionBytes, true);
  view.setUint8(decision + 4, status);
  view.setUint16(decision + 6, 1, true);
  view.setUint16(decision + 10, code, true);
  const event = decision + decisionHeaderBytes;
  view.setUint32(event, eventHeaderBytes + 8, true);
  view.setUint16(event + 4, eventType, true);
  view.setUint16(event + 6, 1, true);
  return bytes;
}

test('what found no room or a fault is undone, as today writes it and as it was written before', () => {
  const { accepted, rejected, failed } = decisionStatus;
  const { noRoom, decideFailed, messageOutOfOrder } = platformCode;
  const { messageFailed, messageReceived, timerCleared } = platformEvent;
  // A message or a timer of before decision 44, and one that was refused or set again since.
  assert.ok(hasUndone(record(failed, decideFailed, messageReceived)));
  assert.ok(hasUndone(record(rejected, noRoom, timerCleared)));
  // A message to the same partition, before and since.
  assert.ok(hasUndone(record(accepted, 0x120, messageFailed)));
  assert.equal(hasUndone(record(accepted, 0x120, messageReceived)), false);
  assert.equal(hasUndone(record(rejected, messageOutOfOrder, timerCleared)), false);
  assert.equal(hasUndone(record(rejected, 0x240, messageReceived)), false);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decisionRecordHeaderBytes } from '../records/decision-record.ts';
import { writeOwnerStarted } from '../records/owner-record.ts';
import { EventGate } from './event-gate.ts';

function owner(epoch: number, mark = epoch): Uint8Array {
  return writeOwnerStarted({ epoch, token: new Uint8Array(16).fill(mark), node: `node-${mark}` });
}

function decisions(epoch: number, sequence: number, commandOffset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(decisionRecordHeaderBytes));
  view.setUint8(0, 1);
  view.setUint8(1, 2);
  view.setUint32(8, epoch, true);
  view.setUint32(20, sequence, true);
  view.setBigUint64(24, BigInt(commandOffset), true);
  return new Uint8Array(view.buffer);
}

/** Why each record is dropped; 'counts' for those that are not. */
function judgeAll(gate: EventGate, records: readonly Uint8Array[]): string[] {
  return records.map((bytes, index) => gate.judge(index + 1, bytes).dropped ?? 'counts');
}

describe('the event gate', () => {
  test('drops what an older epoch wrote after the newer one began', () => {
    const gate = new EventGate();
    const records = [
      owner(1),
      decisions(1, 1, 1),
      owner(2),
      decisions(1, 2, 2),
      decisions(2, 1, 2),
    ];
    assert.deepEqual(judgeAll(gate, records), [
      ...['counts', 'counts', 'counts', 'other-epoch', 'counts'],
    ]);
    assert.deepEqual(gate.position, { epoch: 2, sequence: 1, decidedOffset: 2 });
    assert.equal(gate.node, 'node-2');
  });

  test('drops decisions of an epoch that never began', () => {
    assert.deepEqual(judgeAll(new EventGate(), [owner(1), decisions(2, 1, 1)]), [
      ...['counts', 'other-epoch'],
    ]);
  });

  test('of two claims with one epoch, and of a claim that comes twice, the first counts', () => {
    const gate = new EventGate();
    assert.deepEqual(judgeAll(gate, [owner(3, 7), owner(3, 8), owner(3, 7), owner(2)]), [
      ...['counts', 'stale-owner', 'stale-owner', 'stale-owner'],
    ]);
    assert.deepEqual(gate.token, new Uint8Array(16).fill(7));
  });

  test('drops repeats; they do not set the sequence back', () => {
    const gate = new EventGate();
    const [first, second] = [decisions(1, 1, 4), decisions(1, 2, 9)];
    assert.deepEqual(
      judgeAll(gate, [owner(1), first, second, first, second, decisions(1, 3, 10)]),
      [...['counts', 'counts', 'counts', 'repeat', 'repeat', 'counts']],
    );
  });

  test('drops what follows a record that is missing, until it comes', () => {
    const gate = new EventGate();
    const records = [1, 2, 3].map((sequence) => decisions(1, sequence, sequence * 10));
    const shown = [owner(1), records[0]!, records[2]!, records[1]!, records[2]!];
    assert.deepEqual(judgeAll(gate, shown), [
      ...['counts', 'counts', 'out-of-sequence', 'counts', 'counts'],
    ]);
  });

  test('a command that was decided before is not decided by the next owner', () => {
    const gate = new EventGate();
    const records = [
      owner(1),
      decisions(1, 1, 5),
      owner(2),
      decisions(2, 1, 5),
      decisions(2, 1, 6),
    ];
    assert.deepEqual(judgeAll(gate, records), ['counts', 'counts', 'counts', 'repeat', 'counts']);
  });

  test('after the highest sequence comes 0', () => {
    const gate = new EventGate({ epoch: 4, sequence: 0xffff_ffff, decidedOffset: 8 });
    assert.deepEqual(judgeAll(gate, [decisions(4, 0, 9), decisions(4, 1, 10)]), [
      ...['counts', 'counts'],
    ]);
  });

  test('a log that one process has to itself needs no owner; repeats are dropped all the same', () => {
    const gate = new EventGate();
    assert.deepEqual(judgeAll(gate, [decisions(1, 0, 1), decisions(9, 0, 2), decisions(9, 0, 2)]), [
      ...['counts', 'counts', 'repeat'],
    ]);
  });

  test('goes on from a position as if it had never stopped', () => {
    const records = [
      owner(1),
      decisions(1, 1, 1),
      decisions(1, 1, 1),
      owner(2),
      decisions(2, 1, 2),
    ];
    const whole = judgeAll(new EventGate(), records);
    for (const [stop] of records.entries()) {
      const before = new EventGate();
      const verdicts = judgeAll(before, records.slice(0, stop));
      verdicts.push(...judgeAll(new EventGate(before.position), records.slice(stop)));
      assert.deepEqual(verdicts, whole);
    }
  });

  test('stops at a record that it does not know', () => {
    const newer = owner(1);
    newer[0] = 2;
    const unknown = decisions(1, 1, 1);
    unknown[1] = 9;
    const broken = owner(1);
    broken[24] = 99;
    for (const bytes of [
      newer,
      unknown,
      broken,
      new Uint8Array(0),
      decisions(1, 1, 1).subarray(8),
    ]) {
      const gate = new EventGate();
      assert.throws(() => gate.judge(1, bytes), { id: 'veltrix-record-invalid' });
      assert.deepEqual(gate.position, { epoch: 0, sequence: 0, decidedOffset: -1 });
    }
  });
});

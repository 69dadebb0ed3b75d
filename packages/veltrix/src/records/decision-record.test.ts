import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PartitionFold } from '../processor/partition-fold.ts';
import { platformEvent } from '../processor/platform-records.ts';
import {
  accountsApplication,
  accountsCommand,
  accountsOutcome,
  accountsPayloadBytes,
  fill,
} from '../simulator/accounts/accounts-application.ts';
import { CommandRecordBuilder } from './command-record.ts';
import { DecisionRecordReader, decisionStatus } from './decision-record.ts';

function decideThree(): Uint8Array {
  const fold = new PartitionFold({
    application: accountsApplication,
    identity: { logId: '0'.repeat(32), partitionCount: 2, dedupeWindow: 16 },
    partition: 0,
    tableMaxRows: 1_000,
  });
  const builder = new CommandRecordBuilder(1024);
  const types = [accountsCommand.deposit, accountsCommand.transfer, accountsCommand.fault] as const;
  for (const [index, type] of types.entries()) {
    const start = builder.add(type, 0, 1_000 + index, accountsPayloadBytes);
    fill(builder.buffer.view, start, [5, 10, 1, 6]);
    builder.buffer.bytes[CommandRecordBuilder.idStart(start)] = index + 1;
  }
  return fold.decide(9, builder.finish(77, 3, 0), 4).slice();
}

describe('a decision record', () => {
  test('says what was decided of each command, in order', () => {
    const reader = new DecisionRecordReader();
    assert.equal(reader.open(decideThree()), undefined);
    const { count, epoch, origin, originBatch, commandOffset } = reader;
    assert.deepEqual([count, epoch, origin, originBatch, commandOffset], [3, 4, 77, 3, 9]);
    const decisions: unknown[] = [];
    const events: number[][] = [];
    while (reader.next()) {
      const { index, status, code, a, commandType, receivedAt, bytes, idStart } = reader.decision;
      decisions.push([index, status, code, a, commandType, receivedAt, bytes[idStart]]);
      const types: number[] = [];
      while (reader.nextEvent()) {
        types.push(reader.event.type);
        assert.equal(reader.event.receivedAt, receivedAt);
        assert.equal(reader.event.bytes[reader.event.commandIdStart], index + 1);
      }
      events.push(types);
    }
    const { accepted, failed } = decisionStatus;
    assert.deepEqual(decisions, [
      [0, accepted, accountsOutcome.done, 10, accountsCommand.deposit, 1_000, 1],
      [1, accepted, accountsOutcome.pending, 0, accountsCommand.transfer, 1_001, 2],
      [2, failed, 2, 0, accountsCommand.fault, 1_002, 3],
    ]);
    assert.deepEqual(events, [[0x100], [0x100, platformEvent.messageSent], []]);
  });

  test('may be walked without its events', () => {
    const reader = new DecisionRecordReader();
    reader.open(decideThree());
    let decisions = 0;
    while (reader.next()) decisions += 1;
    assert.equal(decisions, 3);
  });

  test('is refused when it is cut anywhere or something follows', () => {
    const record = decideThree();
    const reader = new DecisionRecordReader();
    for (let size = 0; size < record.length; size++) {
      assert.ok(reader.open(record.slice(0, size)), `${size} bytes are taken for a record`);
    }
    assert.match(reader.open(Buffer.concat([record, Buffer.alloc(8)]))!, /8 bytes follow/);
  });

  test('is refused when sizes and counts do not agree', () => {
    const changed = (position: number, value: number) => {
      const record = decideThree();
      new DataView(record.buffer).setUint16(position, value, true);
      return new DecisionRecordReader().open(record);
    };
    assert.match(changed(0, 0x0102)!, /kind 1|version 2/);
    assert.ok(changed(32, 40), 'a decision smaller than its header');
    assert.match(changed(38, 2)!, /cut short/);
    assert.match(changed(38, 0)!, /do not fill/);
    assert.match(changed(80, 4)!, /size 4/);
  });
});

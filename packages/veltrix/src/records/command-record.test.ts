import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommandRecordBuilder, CommandRecordReader } from './command-record.ts';

function buildTwo(): Uint8Array {
  const builder = new CommandRecordBuilder(64);
  const first = builder.add(0x100, 3, 1_800_000_000_123, 5);
  builder.buffer.bytes.set([1, 2, 3, 4, 5], first);
  builder.buffer.bytes.fill(0xaa, CommandRecordBuilder.idStart(first), first);
  builder.add(0x1ff, 0, -1, 0);
  return builder.finish(0xffff_ffff, 7, 42).slice();
}

describe('a command record', () => {
  test('is read as it was built', () => {
    const reader = new CommandRecordReader();
    assert.equal(reader.open(buildTwo()), undefined);
    const { count, origin, originBatch, sentAt, command } = reader;
    assert.deepEqual(
      { count, origin, originBatch, sentAt },
      {
        ...{ count: 2, origin: 0xffff_ffff, originBatch: 7, sentAt: 42 },
      },
    );
    assert.ok(reader.next());
    assert.deepEqual(
      [command.type, command.flags, command.receivedAt],
      [0x100, 3, 1_800_000_000_123],
    );
    assert.deepEqual(
      [...command.bytes.subarray(command.payloadStart, command.payloadEnd)],
      [1, 2, 3, 4, 5, 0, 0, 0],
    );
    assert.ok(
      command.bytes.subarray(command.idStart, command.payloadStart).every((byte) => byte === 0xaa),
    );
    assert.ok(reader.next());
    assert.deepEqual([command.type, command.receivedAt], [0x1ff, -1]);
    assert.equal(command.payloadEnd, command.payloadStart);
    assert.equal(reader.next(), false);
  });

  test('is empty again after a reset, whatever it held', () => {
    const builder = new CommandRecordBuilder(64);
    builder.buffer.bytes.fill(0xff, builder.add(0x100, 0, 0, 32), builder.buffer.length);
    builder.finish(1, 1, 1);
    builder.reset();
    const start = builder.add(0x100, 0, 0, 32);
    assert.ok(
      builder
        .finish(1, 2, 1)
        .subarray(start)
        .every((byte) => byte === 0),
    );
    assert.equal(builder.count, 1);
  });

  test('is refused when it is cut anywhere or something follows', () => {
    const record = buildTwo();
    const reader = new CommandRecordReader();
    for (let size = 0; size < record.length; size++) {
      assert.ok(reader.open(record.slice(0, size)), `${size} bytes are taken for a record`);
    }
    assert.match(reader.open(Buffer.concat([record, Buffer.alloc(8)]))!, /8 bytes follow/);
  });

  test('is refused with another version, kind or a size that makes no sense', () => {
    const changed = (position: number, value: number) => {
      const record = buildTwo();
      new DataView(record.buffer).setUint32(position, value, true);
      return new CommandRecordReader().open(record);
    };
    assert.match(changed(0, 3)!, /version 3/);
    assert.match(changed(0, 0x201)!, /kind 2/);
    assert.match(changed(4, 0xffff_ffff)!, /cut short/);
    for (const size of [0, 8, 36, 41, 0x8000_0000]) assert.ok(changed(24, size), `size ${size}`);
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CommandRecordBuilder, CommandRecordReader } from '../../records/command-record.ts';
import { contentHash } from '../../records/content-hash.ts';
import { DecisionRecordReader } from '../../records/decision-record.ts';
import { align8 } from '../../records/growing-buffer.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import { crc32c, describeRecord, readPartition } from './independent-log-reader.ts';

/*
 * The golden files are version 1 of the format for good. When a test here fails, the format has
 * changed: give it a new version, with golden files of its own, and keep reading this one.
 */
const golden = fileURLToPath(new URL('../../../golden/log-v1/', import.meta.url));
const segment = 'p-0000/journal-0000000000000000.seg';
const logId = '00112233445566778899aabbccddeeff';
const receivedAt = 1_763_700_000_123.5;

function commandRecord(batch: number, types: readonly number[]): Uint8Array {
  const builder = new CommandRecordBuilder();
  for (const [index, type] of types.entries()) {
    const payload = builder.add(type, index, receivedAt + index, 5);
    builder.buffer.bytes.set(new TextEncoder().encode(`pay-${index}`), payload);
    builder.buffer.bytes.fill(0xa0 + index, CommandRecordBuilder.idStart(payload), payload);
  }
  return builder.finish(7, batch, receivedAt + 0.25).slice();
}

/** One accepted decision with one event, one rejected without. */
function decisionRecord(commands: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(32 + 48 + 24 + 48);
  const view = new DataView(bytes.buffer);
  bytes.set([1, 2]);
  view.setUint32(4, 2, true);
  view.setUint32(8, 3, true);
  view.setUint32(12, 7, true);
  view.setUint32(16, 1, true);
  view.setBigUint64(24, 1n, true);
  const reader = new CommandRecordReader();
  assert.equal(reader.open(commands), undefined);
  for (const [at, size, status] of [
    [32, 72, 0],
    [104, 48, 1],
  ] as const) {
    assert.ok(reader.next());
    const { command } = reader;
    view.setUint32(at, size, true);
    view.setUint8(at + 4, status);
    view.setUint16(at + 6, status === 0 ? 1 : 0, true);
    view.setUint16(at + 8, command.type, true);
    view.setUint16(at + 10, 0x100 + status, true);
    const hash = contentHash(command.view, command.payloadStart, command.payloadEnd, command.type);
    view.setUint32(at + 12, hash, true);
    view.setFloat64(at + 16, command.receivedAt, true);
    bytes.set(commands.subarray(command.idStart, command.idStart + 16), at + 24);
    view.setInt32(at + 40, -5, true);
    view.setInt32(at + 44, 6, true);
  }
  view.setUint32(80, 24, true);
  view.setUint16(84, 0x101, true);
  view.setUint16(86, 1, true);
  bytes.fill(0x5a, 88, 104);
  return bytes;
}

/** What today's code writes: two groups and a clean stop. */
function writeLog(): Uint8Array {
  const world = new SteppedWorld(1);
  const log = openEmbeddedLog({
    ...{ directory: '/golden', disk: world.disk, clock: world.clock },
    ...{ partitionCount: 1, dedupeWindow: 16, newLogId: () => logId },
    ...{ segmentBytes: 65_536, recordMaxBytes: 4096 },
  });
  const partition = log.partition(0);
  let durable = 0;
  const commands = commandRecord(1, [0x100, 0x1ff]);
  partition.append('commands', commands);
  partition.append('events', decisionRecord(commands), () => {
    durable += 1;
  });
  world.until(() => durable === 1);
  partition.append('commands', commandRecord(2, [0x102]));
  let closed = false;
  log.close(() => {
    closed = true;
  });
  world.until(() => closed);
  const bytes = new Uint8Array(65_536);
  world.disk.open(`/golden/${segment}`).read(0, bytes);
  return bytes.subarray(0, align8(bytes.findLastIndex((byte) => byte !== 0) + 1));
}

suite('log format, version 1', () => {
  test("today's code writes the golden bytes", () => {
    const expected = readFileSync(golden + segment);
    const written = writeLog();
    const difference = written.findIndex((byte, index) => byte !== expected[index]);
    assert.equal(difference, -1, `they differ at byte ${difference}`);
    assert.equal(written.length, expected.length);
  });

  test('a reader made from the page alone reads them', () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
    const log = readPartition(`${golden}p-0000`);
    const { records, ...rest } = log;
    assert.deepEqual(rest, { logId, partitionCount: 1, dedupeWindow: 16, frames: 4, sealed: true });
    const identity = { identity: { partitionCount: 1, dedupeWindow: 16, partition: 0, logId } };
    const payload = (index: number) => Buffer.from(`pay-${index}\0\0\0`).toString('hex');
    const id = (index: number) => (0xa0 + index).toString(16).repeat(16);
    const decided = (index: number) => ({
      receivedAt: receivedAt + index,
      id: id(index),
      values: [-5, 6],
      commandType: [0x100, 0x1ff][index],
      code: 0x100 + index,
      status: index,
    });
    assert.deepEqual(records.map(describeRecord), [
      identity,
      identity,
      {
        ...{ offset: 1, origin: 7, originBatch: 1, sentAt: receivedAt + 0.25 },
        commands: [0x100, 0x1ff].map((type, index) => ({
          ...{ type, flags: index, receivedAt: receivedAt + index },
          ...{ id: id(index), payload: payload(index) },
        })),
      },
      {
        ...{ offset: 1, epoch: 3, commandOffset: 1 },
        decisions: [
          {
            ...decided(0),
            contentHash: 0x3924b561,
            events: [{ type: 0x101, version: 1, payload: '5a'.repeat(16) }],
          },
          { ...decided(1), contentHash: 0xe910ebca, events: [] },
        ],
      },
      {
        ...{ offset: 2, origin: 7, originBatch: 2, sentAt: receivedAt + 0.25 },
        commands: [
          {
            ...{ type: 0x102, flags: 0, receivedAt },
            ...{ id: id(0), payload: payload(0) },
          },
        ],
      },
    ]);
  });

  test("the platform's own readers read the golden records", () => {
    const { records } = readPartition(`${golden}p-0000`);
    const events = new DecisionRecordReader();
    assert.equal(events.open(records[3]!.bytes), undefined);
    assert.equal(events.count, 2);
    assert.equal(events.commandOffset, 1);
    assert.ok(events.next() && events.nextEvent());
    assert.equal(events.event.type, 0x101);
    assert.ok(!events.nextEvent() && events.next());
    assert.equal(events.decision.status, 1);
    const commands = new CommandRecordReader();
    assert.equal(commands.open(records[4]!.bytes), undefined);
    assert.ok(commands.next());
    assert.equal(commands.command.type, 0x102);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommandRecordBuilder, CommandRecordReader, hasTraces } from '../records/command-record.ts';
import { DecisionRecordReader } from '../records/decision-record.ts';
import { decidedSpanId, readTraceContext, type TraceContext } from '../records/trace-context.ts';
import { accountsCommand } from '../simulator/accounts/accounts-application.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import { OutboxSender } from './outbox-sender.ts';
import { platformEvent } from './platform-records.ts';
import { accountsFold, accountsRecord, traceContext } from './test-accounts.ts';

/*
 * The trace of a command goes with it: into the decision, and with the message that the decision sends
 * to the other partition. What is folded is the same with traces and without.
 */

/** A deposit that is not traced, and a transfer to the other partition that is. */
function transferRecord(trace?: TraceContext, id = 1): Uint8Array {
  const { deposit, transfer } = accountsCommand;
  return accountsRecord([
    { type: deposit, id },
    { type: transfer, id: id + 1, trace },
  ]);
}

/** Of each decision the trace that its first event tells, and all its events. */
function tracesIn(record: Uint8Array): [TraceContext | undefined, number[]][] {
  const reader = new DecisionRecordReader();
  assert.equal(reader.open(record), undefined);
  const found: [TraceContext | undefined, number[]][] = [];
  while (reader.next()) {
    let trace: TraceContext | undefined;
    const types: number[] = [];
    while (reader.nextEvent()) {
      const { type, view, payloadStart } = reader.event;
      if (type === platformEvent.traced) trace = readTraceContext(view, payloadStart);
      types.push(type);
    }
    found.push([trace, types]);
  }
  return found;
}

describe('a traced command', () => {
  test('costs no byte where there is none', () => {
    const builder = new CommandRecordBuilder(64);
    builder.add(0x100, 0, 0, 8);
    builder.trace(traceContext);
    builder.finish(1, 1, 0);
    builder.reset();
    builder.add(0x100, 0, 0, 8);
    const record = builder.finish(1, 1, 0);
    assert.deepEqual([record.length, record[0], record[2], hasTraces(record)], [64, 1, 0, false]);
  });

  test('has its context behind the commands of its record, as docs/log-format.md says', () => {
    const record = transferRecord(traceContext);
    const plain = transferRecord();
    assert.equal(record.length, plain.length + 32);
    assert.deepEqual([...record.subarray(0, 4)], [2, 1, 1, 0]);
    assert.deepEqual(record.subarray(4, plain.length), plain.subarray(4));
    assert.equal(
      Buffer.from(record.subarray(plain.length)).toString('hex'),
      `0100000001000000${traceContext.traceId}${traceContext.spanId}`,
    );
    const reader = new CommandRecordReader();
    assert.equal(reader.open(record), undefined);
    const traces: unknown[] = [];
    while (reader.next()) traces.push(reader.trace());
    assert.deepEqual(traces, [undefined, traceContext]);
  });

  test('is refused where its context is cut short, or of no command', () => {
    const reader = new CommandRecordReader();
    const record = transferRecord(traceContext);
    for (let size = 0; size < record.length; size++) {
      assert.ok(reader.open(record.slice(0, size)), `${size} bytes are taken for a record`);
    }
    const broken = (at: number, byte: number) => {
      const bytes = record.slice();
      bytes[at] = byte;
      return reader.open(bytes);
    };
    assert.equal(broken(record.length - 32, 2), 'a trace context of command 2');
    assert.equal(broken(2, 0), 'no trace contexts');
    assert.match(broken(2, 2)!, /cut short/);
    assert.equal(broken(0, 1), '32 bytes follow the last command');
    assert.equal(broken(0, 3), 'format version 3');
  });

  test('has its trace in its decision, and folds to the same state as one without', () => {
    const [traced, plain, replayed] = [accountsFold(), accountsFold(), accountsFold()];
    const decided = traced.decide(7, transferRecord(traceContext), 0).slice();
    plain.decide(7, transferRecord(), 0);
    replayed.evolve(1, decided);
    const [deposit, transfer] = tracesIn(decided);
    assert.equal(deposit![0], undefined);
    assert.deepEqual(transfer![0], traceContext);
    assert.deepEqual(transfer![1], [platformEvent.traced, 0x100, platformEvent.messageSent]);
    assert.equal(traced.space.hash(), plain.space.hash());
    assert.equal(replayed.space.hash(), plain.space.hash());
    assert.deepEqual(replayed.effects.take(), traced.effects.take());
  });

  test('lends its trace to no command behind it', () => {
    const { deposit, transfer } = accountsCommand;
    const record = accountsRecord([
      { type: deposit, id: 1, amount: 100 },
      { type: transfer, id: 2, trace: traceContext },
      { type: transfer, id: 3 },
    ]);
    const [decider, reader] = [accountsFold(), accountsFold()];
    reader.evolve(1, decider.decide(1, record, 0));
    for (const fold of [decider, reader]) {
      const { sent, traced } = fold.effects.take()!;
      assert.deepEqual(sent, [[1, 2]]);
      assert.deepEqual(
        traced.map(({ sequence }) => sequence),
        [1],
      );
    }
  });

  test('goes on in the message that it sends, and in what comes of that', () => {
    const queue = new EventQueue();
    const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
    const source = accountsFold();
    const delivered: Uint8Array[] = [];
    const transport = {
      deliver: (_to: number, record: Uint8Array) => void delivered.push(record.slice()),
    };
    const sender = new OutboxSender(source.platform.outbox, clock, 0, transport, 100);
    source.decide(7, transferRecord(traceContext), 0);
    const effects = source.effects.take()!;
    sender.trace(effects.traced);
    for (const [to, sequence] of effects.sent) sender.flush(to, sequence);
    const continued = { ...traceContext, spanId: decidedSpanId(traceContext, 0, 7, 1) };
    const reader = new CommandRecordReader();
    assert.equal(reader.open(delivered[0]!), undefined);
    assert.ok(reader.next());
    assert.deepEqual(reader.trace(), continued);
    // Sent again it is still traced, and the message after it is not.
    queue.step();
    assert.equal(reader.open(delivered[1]!), undefined);
    assert.ok(reader.next());
    assert.deepEqual(reader.trace(), continued);
    source.decide(8, transferRecord(undefined, 3), 0);
    for (const [to, sequence] of source.effects.take()!.sent) sender.flush(to, sequence);
    assert.equal(hasTraces(delivered.at(-1)!), false);
    sender.stop();
    const decided = accountsFold({ partition: 1 }).decide(1, delivered[0]!, 0);
    assert.deepEqual(tracesIn(decided)[0]![0], continued);
  });
});

describe('the id of the span in which a command was decided', () => {
  test('follows from its place in the log, and differs between places', () => {
    const ids = new Set<string>();
    for (const partition of [0, 1, 64]) {
      for (const offset of [1, 2, 2 ** 32 + 1]) {
        for (const index of [0, 1]) ids.add(decidedSpanId(traceContext, partition, offset, index));
      }
    }
    assert.equal(ids.size, 18);
    for (const id of ids) assert.match(id, /^(?!0{16})[0-9a-f]{16}$/);
    assert.equal(decidedSpanId(traceContext, 1, 2, 0), decidedSpanId({ ...traceContext }, 1, 2, 0));
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnersWorld } from '../ownership/test-owners.ts';
import { CommandRecordBuilder, CommandRecordReader, hasTraces } from '../records/command-record.ts';
import { decidedSpanId, type TraceContext } from '../records/trace-context.ts';
import {
  accountsApplication,
  accountsCommand,
  accountsPayloadBytes,
  fill,
} from '../simulator/accounts/accounts-application.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SimulatedClock, simulatedEpoch } from '../simulator/simulated-clock.ts';
import type { FoldTracer } from './fold-tracer.ts';
import { PartitionFold } from './partition-fold.ts';
import { takeEffects } from './record-effects.ts';
import { TimerDriver, type TimerDriverOptions } from './timer-driver.ts';
import { type TimerTracer, TimerTraces } from './timer-traces.ts';

/*
 * What a timer does begins a trace, linked to the decision that set the timer, where that is traced; and
 * nothing where it is not.
 */

const context: TraceContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  flags: 1,
};
const ofTimer: TraceContext = { ...context, traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };

/** Two timers for the same moment; what sets the second is traced. */
function settingTimers(): Uint8Array {
  const builder = new CommandRecordBuilder(64);
  for (const id of [1, 2]) {
    const type = accountsCommand.depositLater;
    const start = builder.add(type, 0, simulatedEpoch, accountsPayloadBytes);
    fill(builder.buffer.view, start, [id, 10, 0, 20]);
    builder.buffer.view.setUint32(CommandRecordBuilder.idStart(start), id, true);
  }
  builder.trace(context);
  return builder.finish(1, 1, simulatedEpoch).slice();
}

const setBy = { ...context, spanId: decidedSpanId(context, 0, 7, 1) };

/** Account that each command of the record puts money on, and its trace. */
function tracesIn(record: Uint8Array): [number, TraceContext | undefined][] {
  const reader = new CommandRecordReader();
  assert.equal(reader.open(record), undefined);
  const found: [number, TraceContext | undefined][] = [];
  while (reader.next()) {
    const { view, payloadStart } = reader.command;
    found.push([view.getUint32(payloadStart + 8, true), reader.trace()]);
  }
  return found.toSorted(([one], [other]) => one - other);
}

/** Tells what it was asked, and what was sent. */
function telling() {
  const told: unknown[] = [];
  const tracer: TimerTracer = {
    firing: (setBy, type, dueAt) => {
      told.push(['firing', setBy, type, dueAt - simulatedEpoch]);
      return { context: ofTimer, sent: () => void told.push('sent') };
    },
  };
  return { told, tracer };
}

function newFold(): PartitionFold {
  const identity = { logId: '0'.repeat(32), partitionCount: 2, dedupeWindow: 4 };
  const application = accountsApplication;
  return new PartitionFold({ application, identity, partition: 0, tableMaxRows: 100 });
}

/** A driver of the timers that one record sets, decided or read back. */
function setUp(options: TimerDriverOptions, isReadBack = false) {
  const queue = new EventQueue();
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const decider = newFold();
  const decided = decider.decide(7, settingTimers(), 0).slice();
  const fold = isReadBack ? newFold() : decider;
  if (isReadBack) fold.evolve(1, decided);
  const records: Uint8Array[] = [];
  const refusal: { error?: Error } = {};
  const submit = (record: Uint8Array) => {
    if (refusal.error) throw refusal.error;
    records.push(record.slice());
  };
  const driver = new TimerDriver(fold.platform.timers, clock, 0, submit, options);
  const effects = takeEffects(fold)!;
  assert.equal(takeEffects(fold), undefined);
  driver.trace(effects.tracedTimers);
  driver.start();
  return { driver, queue, records, refusal, effects };
}

function until(queue: EventQueue, isSo: () => boolean): void {
  for (let steps = 0; !isSo(); steps++) assert.ok(steps < 1_000 && queue.step(), 'it never is');
}

for (const isReadBack of [false, true]) {
  test(`a timer that a traced command set, ${isReadBack ? 'read back' : 'as it was decided'}, begins a trace, and no other does`, () => {
    const { told, tracer } = telling();
    const { driver, queue, records, effects } = setUp({ tracer }, isReadBack);
    assert.deepEqual(
      effects.tracedTimers.map((timer) => timer.context),
      [setBy],
    );
    until(queue, () => records.length > 0);
    driver.stop();
    assert.deepEqual(tracesIn(records[0]!), [
      [1, undefined],
      [2, ofTimer],
    ]);
    assert.deepEqual(told, [['firing', setBy, accountsCommand.depositDue, 20], 'sent']);
  });
}

test('a timer whose command finds no room is traced once it does', () => {
  const { told, tracer } = telling();
  const { driver, queue, records, refusal } = setUp({ tracer });
  refusal.error = new Error('full');
  until(queue, () => told.length > 0);
  delete refusal.error;
  until(queue, () => records.length > 0);
  driver.stop();
  assert.deepEqual(tracesIn(records[0]!)[1], [2, ofTimer]);
  assert.equal(told.filter((one) => one === 'sent').length, 1);
});

test('a timer that is sent again begins no second trace', () => {
  const { told, tracer } = telling();
  const { driver, queue, records } = setUp({ tracer, refireMs: 50 });
  until(queue, () => records.length > 1);
  driver.stop();
  assert.deepEqual(records.map(hasTraces), [true, false]);
  assert.equal(told.filter((one) => one === 'sent').length, 1);
});

test('where nobody traces, nothing is kept of what others trace', () => {
  const { driver, queue, records } = setUp({});
  until(queue, () => records.length > 0);
  driver.stop();
  assert.equal(hasTraces(records[0]!), false);
});

test('of the timers that wait the latest 1,024 are remembered', () => {
  const traces = new TimerTraces();
  for (let number = 1; number <= 1_025; number++) traces.add({ number, context });
  assert.deepEqual([traces.size, traces.get(1), traces.get(2)], [1_024, undefined, context]);
  traces.forget(2);
  assert.equal(traces.get(2), undefined);
});

test('the owner of a partition of a shared log begins the trace of a timer, and tells when it is in the log', () => {
  const { told, tracer } = telling();
  const appending = (record: Uint8Array) => {
    told.push(tracesIn(record).length);
    return () => void told.push('durable');
  };
  const foldTracer: FoldTracer = { ...tracer, appending, now: () => 0, decided: () => {} };
  const world = new OwnersWorld();
  world.tracer = foldTracer;
  const node = world.node('one');
  node.start(1);
  world.send(settingTimers());
  world.run();
  assert.deepEqual(node.errors, []);
  const fired = world.cluster.committed(0, 'commands').map(([, bytes]) => bytes);
  assert.deepEqual(fired.filter(hasTraces).map(tracesIn).at(-1)!.at(-1), [2, ofTimer]);
  assert.deepEqual(
    told.map((one) => (Array.isArray(one) ? one[0] : one)),
    ['firing', 2, 'sent', 'durable'],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnersWorld } from '../ownership/test-owners.ts';
import { CommandRecordReader, hasTraces } from '../records/command-record.ts';
import { decidedSpanId, type TraceContext } from '../records/trace-context.ts';
import { accountsCommand } from '../simulator/accounts/accounts-application.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SimulatedClock, simulatedEpoch } from '../simulator/simulated-clock.ts';
import type { FoldTracer } from './fold-tracer.ts';
import { accountsFold, accountsRecord, traceContext } from './test-accounts.ts';
import { TimerDriver, type TimerDriverOptions } from './timer-driver.ts';
import { type TimerTracer, TimerTraces } from './timer-traces.ts';

/*
 * What a timer does begins a trace, linked to the decision that set the timer, where that is traced; and
 * nothing where it is not.
 */

const ofTimer: TraceContext = { ...traceContext, traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };

/** Two timers for the same moment; what sets the second is traced. */
function settingTimers(): Uint8Array {
  const { depositLater: type } = accountsCommand;
  const setting = (id: number) => ({ type, id, account: id, to: 0, other: 20 });
  return accountsRecord([setting(1), { ...setting(2), trace: traceContext }], simulatedEpoch);
}

const setBy = { ...traceContext, spanId: decidedSpanId(traceContext, 0, 7, 1) };

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

/** A driver of the timers that one record sets, decided or read back. */
function setUp(options: TimerDriverOptions, isReadBack = false) {
  const queue = new EventQueue();
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const decider = accountsFold();
  const decided = decider.decide(7, settingTimers(), 0).slice();
  const fold = isReadBack ? accountsFold() : decider;
  if (isReadBack) fold.evolve(1, decided);
  const records: Uint8Array[] = [];
  const refusal: { error?: Error } = {};
  const submit = (record: Uint8Array) => {
    if (refusal.error) throw refusal.error;
    records.push(record.slice());
  };
  const driver = new TimerDriver(fold.platform.timers, clock, 0, submit, options);
  const effects = fold.effects.take()!;
  assert.equal(fold.effects.take(), undefined);
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
  for (let number = 1; number <= 1_025; number++) traces.add({ number, context: traceContext });
  assert.deepEqual([traces.size, traces.get(1), traces.get(2)], [1_024, undefined, traceContext]);
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

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommandRecordReader } from '../records/command-record.ts';
import { EventView } from '../records/decision-record.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SimulatedClock, simulatedEpoch } from '../simulator/simulated-clock.ts';
import { StateSpace } from '../state/state-space.ts';
import { platformCommand, timerSetBytes } from './platform-records.ts';
import { TimerDriver, type TimerDriverOptions } from './timer-driver.ts';
import { TimerTable } from './timer-table.ts';

function setUp({ refireMs, tracer }: TimerDriverOptions = {}) {
  const queue = new EventQueue();
  const skew = { ms: 0 };
  const timers = new TimerTable(new StateSpace(1_000));
  /** Simulated time and the numbers of the timers in each record. */
  const fired: [number, number[]][] = [];
  const refusal: { error?: Error } = {};
  const lost = { records: 0 };
  const driver = new TimerDriver(
    timers,
    new SimulatedClock(queue, skew, () => true),
    3,
    (record) => {
      if (refusal.error) throw refusal.error;
      const reader = new CommandRecordReader();
      assert.equal(reader.open(record), undefined);
      const numbers: number[] = [];
      while (reader.next()) {
        const { type, view, payloadStart, idStart, receivedAt } = reader.command;
        assert.equal(type, platformCommand.timerFired);
        const number = view.getUint32(payloadStart, true);
        assert.deepEqual(
          [view.getUint32(idStart + 4, true), view.getUint32(idStart + 8, true)],
          [3, number],
        );
        assert.ok(receivedAt >= timers.get(number)!.dueAt);
        numbers.push(number);
      }
      // Those due at the same time come in any order.
      fired.push([queue.now, numbers.toSorted((x, y) => x - y)]);
      if (lost.records-- > 0) return;
      for (const number of numbers) timers.clear(number);
    },
    { ...(refireMs !== undefined && { refireMs }), tracer },
  );
  const set = (number: number, afterMs: number) => {
    const event = new EventView();
    event.bytes = new Uint8Array(timerSetBytes);
    event.view = new DataView(event.bytes.buffer);
    event.view.setFloat64(0, simulatedEpoch + afterMs, true);
    event.view.setUint32(8, number, true);
    event.payloadEnd = timerSetBytes;
    timers.set(event);
  };
  const add = (number: number, afterMs: number) => {
    set(number, afterMs);
    driver.add(number, simulatedEpoch + afterMs);
  };
  const runAll = () => {
    while (queue.step());
  };
  return { queue, skew, timers, driver, fired, refusal, lost, set, add, runAll };
}

describe('the timer driver', () => {
  test('sends timers in the order they are due, those due together in one record', () => {
    const { driver, fired, set, add, runAll } = setUp();
    for (const [number, afterMs] of [
      [1, 300],
      [2, 100],
      [3, 200],
      [4, 100],
    ] as const)
      set(number, afterMs);
    driver.start();
    add(5, 50);
    runAll();
    assert.deepEqual(fired, [
      [50, [5]],
      [100, [2, 4]],
      [200, [3]],
      [300, [1]],
    ]);
  });

  test('leaves out a timer that was cleared meanwhile', () => {
    const { driver, fired, timers, add, runAll } = setUp();
    driver.start();
    add(1, 100);
    timers.clear(1);
    runAll();
    assert.deepEqual(fired, []);
  });

  test('tries again when the log takes no more', () => {
    const { queue, driver, fired, refusal, add, runAll } = setUp();
    driver.start();
    add(1, 10);
    refusal.error = new Error('full');
    queue.step();
    assert.deepEqual(fired, []);
    delete refusal.error;
    runAll();
    assert.deepEqual(fired, [[110, [1]]]);
  });

  test('sends a timer again that is still set after a while, where its command may be lost', () => {
    const { driver, fired, lost, add, runAll } = setUp({ refireMs: 70 });
    driver.start();
    lost.records = 2;
    add(1, 10);
    runAll();
    assert.deepEqual(fired, [
      [10, [1]],
      [80, [1]],
      [150, [1]],
    ]);
  });

  test('sends at most 256 at a time', () => {
    const { driver, fired, set, runAll } = setUp();
    for (let number = 1; number <= 300; number++) set(number, 10);
    driver.start();
    runAll();
    assert.deepEqual(
      fired.map(([, numbers]) => numbers.length),
      [256, 44],
    );
  });

  test('notices within a second that the clock has jumped forward', () => {
    const { queue, skew, driver, fired, add, runAll } = setUp();
    driver.start();
    add(1, 3_600_000);
    queue.step();
    skew.ms = 3_600_000;
    runAll();
    assert.deepEqual(fired, [[2_000, [1]]]);
  });

  test('does not send early after the clock was put back', () => {
    const { skew, driver, fired, add, runAll } = setUp();
    driver.start();
    add(1, 100);
    skew.ms = -5_000;
    runAll();
    assert.deepEqual(fired, [[5_100, [1]]]);
  });

  test('sends nothing once it is stopped', () => {
    const { driver, fired, add, runAll } = setUp();
    driver.start();
    add(1, 100);
    driver.stop();
    runAll();
    assert.deepEqual(fired, []);
  });
});

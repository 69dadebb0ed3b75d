import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommandRecordReader } from '../records/command-record.ts';
import { EventView } from '../records/decision-record.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import { StateSpace } from '../state/state-space.ts';
import { Outbox } from './outbox.ts';
import { OutboxSender } from './outbox-sender.ts';
import { envelopeBytes, platformCommand } from './platform-records.ts';

const resendMs = 100;

function setUp() {
  const queue = new EventQueue();
  const outbox = new Outbox(new StateSpace(100_000), { partition: 0, partitionCount: 3 });
  /** Time, destination, and type and sequence number of each command delivered. */
  const delivered: [number, number, [number, number][]][] = [];
  const transport = {
    deliver(to: number, record: Uint8Array) {
      const reader = new CommandRecordReader();
      assert.equal(reader.open(record), undefined);
      const commands: [number, number][] = [];
      while (reader.next()) {
        const { type, view, payloadStart } = reader.command;
        assert.equal(view.getUint16(payloadStart, true), 0);
        commands.push([type, view.getUint32(payloadStart + 4, true)]);
      }
      delivered.push([queue.now, to, commands]);
    },
  };
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const sender = new OutboxSender(outbox, clock, 0, transport, resendMs);
  const write = (count: number) => {
    for (let left = count; left > 0; left--) {
      const event = new EventView();
      event.bytes = new Uint8Array(envelopeBytes + 8);
      event.view = new DataView(event.bytes.buffer);
      event.view.setUint16(0, 1, true);
      event.view.setUint32(4, outbox.nextSequence(1), true);
      event.payloadEnd = event.bytes.length;
      outbox.sent(event);
    }
  };
  /** The other partition acknowledges its messages up to and with `sequence`. */
  const answer = (sequence: number) => {
    outbox.trim(1, sequence);
    sender.flush(1, 0);
  };
  const sequences = () => delivered.map(([at, , commands]) => [at, commands.map(([, one]) => one)]);
  return { queue, clock, outbox, delivered, sender, write, answer, sequences };
}

describe('the outbox sender', () => {
  test('sends what is durable and nothing beyond', () => {
    const { sender, write, sequences } = setUp();
    write(3);
    sender.flush(1, 2);
    sender.flush(1, 2);
    sender.flush(1, 3);
    assert.deepEqual(sequences(), [
      [0, [1, 2]],
      [0, [3]],
    ]);
  });

  test('sends again what is not acknowledged in time, and stops when all is', () => {
    const { queue, sender, write, answer, sequences } = setUp();
    write(2);
    sender.flush(1, 2);
    queue.step();
    answer(1);
    queue.step();
    answer(2);
    while (queue.step());
    assert.deepEqual(sequences(), [
      [0, [1, 2]],
      [resendMs, [1, 2]],
      [3 * resendMs, [2]],
    ]);
    assert.equal(queue.now, 3 * resendMs);
  });

  test('waits longer each time for an answer that does not come, up to a limit, and less when it comes', () => {
    const { queue, sender, write, answer, sequences } = setUp();
    write(1);
    sender.flush(1, 1);
    while (sequences().length < 7) queue.step();
    const times = sequences().map(([at]) => Number(at) / resendMs);
    assert.deepEqual(times, [0, 1, 3, 7, 15, 23, 31]);
    // One answer, and the wait for the next is short again.
    write(1);
    answer(1);
    sender.flush(1, 2);
    queue.step();
    assert.deepEqual(sequences().slice(7), [
      [31 * resendMs, [2]],
      [33 * resendMs, [2]],
    ]);
  });

  test('sends at most 256 messages in a record', () => {
    const { sender, write, delivered } = setUp();
    write(300);
    sender.flush(1, 300);
    assert.deepEqual(
      delivered.map(([, , commands]) => commands.length),
      [256, 44],
    );
  });

  /** First and last message of each record delivered since the call before. */
  function runs({ delivered }: ReturnType<typeof setUp>): (readonly [number, number])[] {
    return delivered.splice(0).map(([, , commands]) => [commands[0]![1], commands.at(-1)![1]]);
  }

  /** A world in which the first of 3,000 messages went out twice, arrived then, and nothing behind it did. */
  function lossKnown(): ReturnType<typeof setUp> {
    const world = setUp();
    const { queue, sender, write, answer } = world;
    write(3_000);
    sender.flush(1, 3_000);
    assert.equal(runs(world).at(-1)![1], 3_000);
    queue.step();
    assert.deepEqual(runs(world), [[1, 256]]);
    answer(256);
    assert.deepEqual(runs(world), []);
    queue.step();
    assert.equal(queue.now, 3 * resendMs);
    assert.deepEqual(runs(world), [
      [257, 512],
      [513, 768],
      [769, 1_024],
      [1_025, 1_280],
    ]);
    return world;
  }

  test('sends one record again where no answer comes, and what is lost in growing portions with each answer', () => {
    const world = lossKnown();
    world.answer(1_024);
    assert.deepEqual(runs(world), []);
    world.answer(1_280);
    const rest = runs(world);
    assert.deepEqual([rest.at(0), rest.at(-1)![1]], [[1_281, 1_536], 3_000]);
    assert.equal(world.queue.now, 3 * resendMs);
  });

  test('sends nothing new behind what is lost until all of that went out again', () => {
    const world = lossKnown();
    const { sender, write, answer } = world;
    write(10);
    sender.flush(1, 3_010);
    answer(1_000);
    assert.deepEqual(runs(world), []);
    answer(1_280);
    assert.deepEqual(runs(world).slice(-2), [
      [2_817, 3_000],
      [3_001, 3_010],
    ]);
  });

  test('what is lost again on its way goes out from one record on, before all that is new', () => {
    const world = lossKnown();
    const { queue, sender, write, answer } = world;
    write(10);
    sender.flush(1, 3_010);
    queue.step();
    assert.deepEqual(runs(world), [[257, 512]]);
    answer(512);
    assert.deepEqual([runs(world).at(-1)![1], queue.now], [1_536, 4 * resendMs]);
  });

  test('an answer to what was held to be lost lets new messages go', () => {
    const world = lossKnown();
    const { sender, write, answer } = world;
    write(10);
    sender.flush(1, 3_010);
    answer(2_000);
    assert.deepEqual(runs(world), [[3_001, 3_010]]);
  });

  test('answers that each take a little longer have nothing sent again beyond the first record', () => {
    const world = setUp();
    const { queue, clock, sender, write, answer } = world;
    write(1_024);
    sender.flush(1, 1_024);
    runs(world);
    for (const record of [1, 2, 3, 4]) clock.after(record * 120, () => answer(record * 256));
    while (queue.step());
    assert.deepEqual(runs(world), [[1, 256]]);
  });

  test('has only so many messages on their way, and sends on when some are acknowledged', () => {
    const world = setUp();
    const { outbox, sender, write } = world;
    write(50_000);
    sender.flush(1, 50_000);
    assert.equal(runs(world).at(-1)![1], 32_768);
    outbox.trim(1, 10_000);
    sender.flush(1, 40_000);
    assert.deepEqual([runs(world).at(0)![0], outbox.waiting(1)], [32_769, 40_000]);
    outbox.trim(1, 32_768);
    sender.flush(1, 0);
    assert.equal(runs(world).at(-1)![1], 50_000);
  });

  test('acknowledges the number it is told, whatever the state has reached by then', () => {
    const { outbox, sender, delivered } = setUp();
    outbox.received(2, 9);
    sender.acknowledge(2, 7);
    assert.deepEqual(delivered, [[0, 2, [[platformCommand.outboxAcknowledged, 7]]]]);
  });

  test('sends nothing to itself, and nothing once it is stopped', () => {
    const { queue, sender, write, delivered } = setUp();
    write(1);
    sender.flush(0, 9);
    sender.flush(1, 1);
    sender.stop();
    sender.flush(1, 1);
    sender.acknowledge(1, 1);
    while (queue.step());
    assert.equal(delivered.length, 1);
  });
});

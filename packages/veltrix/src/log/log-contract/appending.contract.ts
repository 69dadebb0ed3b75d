import assert from 'node:assert/strict';
import { appendDurably, type LogPromises, readAll, recordOf } from './log-harness.contract.ts';

/** Callbacks, order and independence. */
export const appending: LogPromises = {
  'a record is copied when it is appended': async (harness) => {
    const partition = harness.open().partition(0);
    const record = recordOf(1);
    const appended = appendDurably(harness, partition, [['commands', record]]);
    record.fill(0);
    await appended;
    assert.deepEqual(readAll(partition, 'commands'), [[1, recordOf(1)]]);
  },

  'callbacks come once, in append order across both streams, when the record is durable': async (
    harness,
  ) => {
    const partition = harness.open().partition(0);
    const order: number[] = [];
    for (let number = 0; number < 50; number++) {
      const stream = number % 2 ? 'events' : 'commands';
      const offset = partition.append(stream, recordOf(number), (error) => {
        assert.ifError(error);
        assert.ok(partition.durableEnd(stream) > offset);
        order.push(number);
        // What is appended meanwhile comes after everything appended before.
        if (number === 10) partition.append('commands', recordOf(50), () => order.push(50));
      });
      assert.ok(partition.durableEnd(stream) <= offset, 'not durable as soon as it is appended');
    }
    await harness.until(() => order.length === 51);
    assert.deepEqual(
      order,
      Array.from({ length: 51 }, (_, number) => number),
    );
  },

  'a follower of commands may append events, and both become durable in that order': async (
    harness,
  ) => {
    const partition = harness.open().partition(0);
    const order: string[] = [];
    partition.follow('commands', 'written', (offset) => {
      partition.append('events', recordOf(offset), () => order.push(`event ${offset}`));
    });
    partition.append('commands', recordOf(1), () => order.push('command 1'));
    partition.append('commands', recordOf(2), () => order.push('command 2'));
    await harness.until(() => order.length === 4);
    assert.deepEqual(order, ['command 1', 'event 1', 'command 2', 'event 2']);
  },

  'partitions are independent': async (harness) => {
    const log = harness.open();
    await appendDurably(harness, log.partition(0), [['commands', recordOf(1)]]);
    assert.equal(log.partition(1).end('commands'), 1);
    await appendDurably(harness, log.partition(1), [['commands', recordOf(2)]]);
    assert.deepEqual(readAll(log.partition(0), 'commands'), [[1, recordOf(1)]]);
    assert.deepEqual(readAll(log.partition(1), 'commands'), [[1, recordOf(2)]]);
  },
};

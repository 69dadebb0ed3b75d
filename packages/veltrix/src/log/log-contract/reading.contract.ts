import assert from 'node:assert/strict';
import { appendDurably, type LogPromises, readAll, recordOf } from './log-harness.contract.ts';

/** What is durable is shown, in order, by reading and by following. */
export const reading: LogPromises = {
  'what was appended is read back, by stream, in order, also from the middle': async (harness) => {
    const partition = harness.open().partition(0);
    const records = Array.from({ length: 40 }, (_, number) => recordOf(number, 4 + number * 5));
    await appendDurably(
      harness,
      partition,
      records.map((record, number) => [number % 3 ? 'commands' : 'events', record] as const),
    );
    const commands = records.filter((_, number) => number % 3 !== 0);
    assert.deepEqual(
      readAll(partition, 'commands'),
      commands.map((bytes, index) => [index + 1, bytes]),
    );
    const seen: number[] = [];
    partition.read('events', 5, 1, (offset) => seen.push(offset));
    assert.equal(seen[0], 5);
    const end = partition.durableEnd('events');
    assert.equal(
      partition.read('events', end, 1, () => assert.fail('nothing is there')),
      end,
    );
  },

  'a small maxBytes still gets on': async (harness) => {
    const partition = harness.open().partition(0);
    await appendDurably(harness, partition, [['commands', recordOf(1, 3000)]]);
    assert.equal(
      partition.read('commands', 1, 1, () => {}),
      2,
    );
  },

  'read shows nothing that is not durable': (harness) => {
    const partition = harness.open().partition(0);
    partition.append('commands', recordOf(1));
    assert.equal(
      partition.read('commands', 1, 1024, () => assert.fail('shown too early')),
      1,
    );
  },

  'followers of written see a record before append returns, of durable once it is durable': async (
    harness,
  ) => {
    const partition = harness.open().partition(0);
    const seen: string[] = [];
    partition.append('commands', recordOf(0));
    const stopWritten = partition.follow('commands', 'written', (offset, bytes) => {
      assert.deepEqual(bytes, recordOf(offset));
      seen.push(`written ${offset}`);
    });
    partition.follow('commands', 'durable', (offset, bytes) => {
      assert.equal(bytes.byteOffset % 8, 0);
      assert.deepEqual(bytes.slice(), recordOf(offset));
      seen.push(`durable ${offset}`);
    });
    partition.append('commands', recordOf(2));
    partition.append('events', recordOf(9));
    assert.deepEqual(seen, ['written 2']);
    stopWritten();
    partition.append('commands', recordOf(3));
    await harness.until(() => seen.length === 3);
    assert.deepEqual(seen, ['written 2', 'durable 2', 'durable 3']);
  },
};

import assert from 'node:assert/strict';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import {
  append,
  boundsOf,
  many,
  RecordingAppender,
  RecordingFollower,
  readFrom,
} from './recording.contract.ts';
import type { SharedLogPromises } from './shared-log-fixture.contract.ts';

/** What is appended, by one process and by many, and the limits. */
export const appending: SharedLogPromises = {
  'what was appended is shown, by stream, in order, with the offsets that were told': async (
    fixture,
  ) => {
    const partition = (await fixture.open()).partition(0);
    const records = Array.from({ length: 40 }, (_, number) => recordOf(number, 4 + number * 5));
    const commands = await append(fixture, partition, 'commands', records.slice(0, 30));
    const events = await append(fixture, partition, 'events', records.slice(30));
    assert.ok(commands.every((offset, index) => offset > (commands[index - 1] ?? 0)));
    assert.deepEqual(
      await readFrom(fixture, partition, 'commands', 1),
      records.slice(0, 30).map((bytes, index) => [commands[index], bytes]),
    );
    assert.deepEqual(
      await readFrom(fixture, partition, 'events', 1),
      records.slice(30).map((bytes, index) => [events[index], bytes]),
    );
    const { start, end } = await boundsOf(fixture, partition, 'commands');
    assert.ok(start >= 1 && start <= commands[0]!);
    assert.equal(end, commands.at(-1)! + 1);
  },

  'partitions are independent': async (fixture) => {
    const log = await fixture.open();
    const [one] = await append(fixture, log.partition(0), 'commands', [recordOf(1)]);
    const [other] = await append(fixture, log.partition(1), 'commands', [recordOf(2)]);
    assert.deepEqual(await readFrom(fixture, log.partition(0), 'commands', 1), [
      [one, recordOf(1)],
    ]);
    assert.deepEqual(await readFrom(fixture, log.partition(1), 'commands', 1), [
      [other, recordOf(2)],
    ]);
  },

  'empty and big records come whole': async (fixture) => {
    const partition = (await fixture.open({ followMaxBytes: 65_536 })).partition(0);
    const records = [
      new Uint8Array(0),
      recordOf(1, 1 << 20),
      new Uint8Array(0),
      recordOf(2, 700_001),
      recordOf(3, 4),
    ];
    await append(fixture, partition, 'events', records);
    const shown = await readFrom(fixture, partition, 'events', 1);
    assert.deepEqual(
      shown.map(([, bytes]) => bytes.length),
      records.map(({ length }) => length),
    );
    assert.ok(shown.every(([, bytes], index) => Buffer.compare(bytes, records[index]!) === 0));
  },

  'a record is copied when it is appended': async (fixture) => {
    const partition = (await fixture.open()).partition(0);
    // A Buffer: its `slice` is no copy.
    const record = Buffer.from(recordOf(1));
    const appended = append(fixture, partition, 'commands', [record]);
    record.fill(0);
    const [offset] = await appended;
    assert.deepEqual(await readFrom(fixture, partition, 'commands', 1), [[offset, recordOf(1)]]);
  },

  'a part of a buffer is appended as that part': async (fixture) => {
    const partition = (await fixture.open()).partition(0);
    const buffer = recordOf(7, 64);
    await append(fixture, partition, 'commands', [buffer.subarray(3, 40)]);
    const [shown] = await readFrom(fixture, partition, 'commands', 1);
    assert.deepEqual(shown?.[1], recordOf(7, 64).slice(3, 40));
  },

  'answers come once, in append order; what is appended in one of them comes after': async (
    fixture,
  ) => {
    const partition = (await fixture.open()).partition(0);
    const order: number[] = [];
    const offsets: number[] = [];
    for (let number = 0; number < 50; number++) {
      partition.append('commands', recordOf(number), (error, offset) => {
        assert.ifError(error);
        order.push(number);
        offsets.push(offset);
        if (number !== 10) return;
        partition.append('commands', recordOf(50), (_, last) => {
          order.push(50);
          offsets.push(last);
        });
      });
    }
    await fixture.until(() => order.length === 51);
    assert.deepEqual(order, [...order.keys()]);
    assert.deepEqual(
      offsets,
      offsets.toSorted((one, other) => one - other),
    );
    assert.equal(new Set(offsets).size, 51);
  },

  'many processes append to one stream: all see the same order, and each its own': async (
    fixture,
  ) => {
    const logs = await Promise.all([fixture.open(), fixture.open(), fixture.open()]);
    const appenders = logs.map((log) => new RecordingAppender(log.partition(1), 'commands'));
    const followers = logs.map((log) =>
      new RecordingFollower().follow(log.partition(1), 'commands', 1),
    );
    for (let round = 0; round < 5; round++) {
      for (const [index, appender] of appenders.entries()) {
        appender.append(...many(20, 24, index * 1000 + round * 20));
      }
      await fixture.until(() => appenders[round % 3]!.isAnswered);
    }
    await fixture.until(() => appenders.every(({ isAnswered }) => isAnswered));
    await fixture.until(() => followers.every(({ shown }) => shown.length === 300));
    const [first, ...others] = followers;
    for (const other of others) assert.deepEqual(other.shown, first!.shown);
    const numbers = first!.records.map((bytes) => new DataView(bytes.buffer).getUint32(0, true));
    for (const index of appenders.keys()) {
      const own = numbers.filter((number) => Math.floor(number / 1000) === index);
      assert.deepEqual(
        own,
        Array.from({ length: 100 }, (_, number) => index * 1000 + number),
      );
      const told = appenders[index]!.answers.map(({ offset }) => offset);
      const seen = first!.offsets.filter((_, at) => own.includes(numbers[at]!));
      assert.deepEqual(told, seen);
    }
    assert.equal(new Set(logs.map(({ identity }) => identity.logId)).size, 1);
  },

  'a record above recordMaxBytes is refused and leaves no trace': async (fixture) => {
    const log = await fixture.open({ recordMaxBytes: 1000, inflightMaxBytes: 8192 });
    const partition = log.partition(0);
    const appender = new RecordingAppender(partition, 'events');
    appender.append(recordOf(1, 1001));
    await fixture.until(() => appender.isAnswered);
    assert.deepEqual(appender.errors, ['veltrix-log-record-too-large']);
    const offsets = await append(fixture, partition, 'events', [recordOf(2, 1000)]);
    assert.deepEqual(await readFrom(fixture, partition, 'events', 1), [
      [offsets[0], recordOf(2, 1000)],
    ]);
  },

  'above inflightMaxBytes appends are refused without a trace, until some are answered': async (
    fixture,
  ) => {
    const log = await fixture.open({ inflightMaxBytes: 8192, recordMaxBytes: 4096 });
    const partition = log.partition(0);
    const appender = new RecordingAppender(partition, 'commands');
    appender.append(...many(20, 1000));
    await fixture.until(() => appender.isAnswered);
    const refused = appender.answers.filter(
      ({ error }) => error === 'veltrix-log-inflight-full',
    ).length;
    assert.ok(refused >= 12 && refused <= 13, `${refused} of 20 were refused`);
    const taken = appender.answers.filter(({ error }) => error === undefined);
    assert.equal(taken.length + refused, 20);
    await append(fixture, partition, 'commands', many(4, 1000, 100));
    const shown = await readFrom(fixture, partition, 'commands', 1);
    assert.equal(shown.length, taken.length + 4);
    assert.deepEqual(
      shown.slice(0, taken.length).map(([, bytes]) => bytes),
      many(taken.length, 1000),
    );
  },
};

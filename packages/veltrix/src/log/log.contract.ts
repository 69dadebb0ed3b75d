import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import type { Log, LogPartition, Stream } from './log.ts';

/** What the suite sets when it opens a log; an adapter fills in the rest. */
export interface LogSettings {
  readonly partitionCount?: number;
  readonly dedupeWindow?: number;
  readonly recordMaxBytes?: number;
  readonly inflightMaxBytes?: number;
}

/** One place to keep a log, and power over what happens to it. Retention must work in units of at most 64 KiB. */
export interface LogHarness {
  open(settings?: LogSettings): Log;
  /** Lets things happen until the condition holds. */
  until(condition: () => boolean): Promise<void>;
  /** The power fails: open logs are gone, and what was not durable may be. */
  crash(): void;
  /** From now on there is no room for anything. */
  fillDisk(): void;
  dispose(): void | Promise<void>;
}

export interface LogContractOptions {
  /** Declared differences: the name of a test and why it does not hold for this adapter. */
  readonly skip?: readonly { readonly test: string; readonly reason: string }[];
}

export const contractIdentity = { partitionCount: 2, dedupeWindow: 1024 };

/** The promises of the `Log` port, for every adapter. */
export function testLogContract(
  name: string,
  newHarness: () => LogHarness,
  { skip = [] }: LogContractOptions = {},
): void {
  suite(`log contract: ${name}`, () => {
    let harness: LogHarness;
    beforeEach(() => {
      harness = newHarness();
    });
    afterEach(() => harness.dispose());
    for (const [title, body] of Object.entries(contract)) {
      const reason = skip.find((difference) => difference.test === title)?.reason;
      test(title, reason ? { skip: reason } : {}, () => body(harness));
    }
  });
}

/** A record of `size` bytes that nobody else has. */
export function recordOf(number: number, size = 16): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = (number * 31 + index * 7) & 0xff;
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

async function appendDurably(
  harness: LogHarness,
  partition: LogPartition,
  records: readonly (readonly [Stream, Uint8Array])[],
): Promise<void> {
  let durable = 0;
  for (const [stream, record] of records) {
    partition.append(stream, record, (error) => {
      assert.ifError(error);
      durable += 1;
    });
  }
  await harness.until(() => durable === records.length);
}

export function readAll(
  partition: LogPartition,
  stream: Stream,
): (readonly [number, Uint8Array])[] {
  const records: (readonly [number, Uint8Array])[] = [];
  for (let next = partition.start(stream); next < partition.durableEnd(stream); ) {
    next = partition.read(stream, next, 1024, (offset, bytes) => {
      assert.equal(bytes.byteOffset % 8, 0, 'records start at a multiple of 8');
      records.push([offset, bytes.slice()]);
    });
  }
  return records;
}

async function close(harness: LogHarness, log: Log): Promise<void> {
  let closed = false;
  log.close((error) => {
    assert.ifError(error);
    closed = true;
  });
  await harness.until(() => closed);
}

const code = (id: string) => (error: unknown) => (error as CodedError).id === id;

const contract: Record<string, (harness: LogHarness) => void | Promise<void>> = {
  'a new log has the identity asked for, and its first record gets offset 1': (harness) => {
    const log = harness.open();
    assert.match(log.identity.logId, /^[0-9a-f]{32}$/);
    assert.equal(log.identity.partitionCount, contractIdentity.partitionCount);
    assert.equal(log.identity.dedupeWindow, contractIdentity.dedupeWindow);
    const partition = log.partition(1);
    assert.equal(partition.partition, 1);
    assert.deepEqual([partition.start('commands'), partition.end('commands')], [1, 1]);
    assert.equal(partition.append('commands', recordOf(1)), 1);
    assert.equal(partition.append('events', recordOf(2)), 1);
    assert.deepEqual([partition.end('commands'), partition.end('events')], [2, 2]);
  },

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

  'a closed log opens again with everything in it, and goes on at the next offset': async (
    harness,
  ) => {
    const log = harness.open();
    await appendDurably(harness, log.partition(0), [['commands', recordOf(1)]]);
    log.partition(0).append('events', recordOf(2));
    await close(harness, log);
    const again = harness.open();
    assert.deepEqual(again.identity, log.identity);
    const partition = again.partition(0);
    assert.equal(partition.tornBytes, 0);
    assert.deepEqual(readAll(partition, 'commands'), [[1, recordOf(1)]]);
    assert.deepEqual(readAll(partition, 'events'), [[1, recordOf(2)]]);
    assert.equal(partition.append('events', recordOf(3)), 2);
  },

  'after a crash all that was durable is there, and nothing that was not appended': async (
    harness,
  ) => {
    const partition = harness.open().partition(0);
    await appendDurably(harness, partition, [['commands', recordOf(1)]]);
    partition.append('commands', recordOf(2));
    harness.crash();
    const recovered = harness.open().partition(0);
    const records = readAll(recovered, 'commands');
    assert.deepEqual(records[0], [1, recordOf(1)]);
    if (records.length > 1) assert.deepEqual(records.slice(1), [[2, recordOf(2)]]);
    assert.equal(recovered.end('commands'), recovered.durableEnd('commands'));
  },

  'close calls back after every append, and closing twice does no harm': async (harness) => {
    const log = harness.open();
    const order: string[] = [];
    log.partition(0).append('commands', recordOf(1), () => order.push('durable'));
    log.close(() => order.push('closed'));
    log.close(() => order.push('closed again'));
    await harness.until(() => order.length === 3);
    assert.deepEqual(order, ['durable', 'closed', 'closed again']);
    let late = false;
    log.close(() => {
      late = true;
    });
    await harness.until(() => late);
    const { partition } = log;
    assert.throws(
      () => partition.call(log, 0).append('commands', recordOf(2)),
      code('veltrix-log-closed'),
    );
  },

  'a log that is closing takes nothing more': (harness) => {
    const log = harness.open();
    log.close(() => {});
    assert.throws(() => log.partition(0).append('events', recordOf(1)), code('veltrix-log-closed'));
  },

  'another partition count or dedupe window than it was made with is refused': async (harness) => {
    await close(harness, harness.open());
    for (const other of [{ partitionCount: 3 }, { dedupeWindow: 2048 }]) {
      assert.throws(() => harness.open(other), code('veltrix-log-identity-mismatch'));
    }
    assert.equal(harness.open().identity.partitionCount, contractIdentity.partitionCount);
  },

  'a second writer is refused until the first has closed': async (harness) => {
    const log = harness.open();
    assert.throws(() => harness.open(), code('veltrix-log-locked'));
    await close(harness, log);
    harness.open();
  },

  'commands are refused above inflightMaxBytes until some are durable; events never are': async (
    harness,
  ) => {
    const partition = harness.open({ inflightMaxBytes: 8192, recordMaxBytes: 4096 }).partition(0);
    let appended = 0;
    let durable = 0;
    const fill = () => {
      for (; appended < 1000; appended++) {
        partition.append('commands', recordOf(appended, 1000), () => {
          durable += 1;
        });
      }
    };
    assert.throws(fill, code('veltrix-log-inflight-full'));
    assert.ok(appended >= 7 && appended <= 8, `${appended} records of 1,000 bytes`);
    partition.append('events', recordOf(1, 4000));
    partition.append('events', recordOf(2, 4000));
    await harness.until(() => durable === appended);
    await harness.until(() => partition.durableEnd('events') === 3);
    partition.append('commands', recordOf(1, 4000));
  },

  'a record above recordMaxBytes is refused and leaves no trace': async (harness) => {
    const partition = harness.open({ recordMaxBytes: 1000, inflightMaxBytes: 8192 }).partition(0);
    assert.throws(
      () => partition.append('events', recordOf(1, 1001)),
      code('veltrix-log-record-too-large'),
    );
    await appendDurably(harness, partition, [['events', recordOf(2, 1000)]]);
    assert.deepEqual(readAll(partition, 'events'), [[1, recordOf(2, 1000)]]);
  },

  'on a full disk the partition stops: every caller and listener hears of it once': async (
    harness,
  ) => {
    const log = harness.open();
    const partition = log.partition(0);
    await appendDurably(harness, partition, [['commands', recordOf(1)]]);
    const errors: string[] = [];
    partition.onFailure((error) => errors.push(`listener ${(error as CodedError).id}`));
    harness.fillDisk();
    for (let number = 2; number < 5; number++) {
      partition.append('commands', recordOf(number), (error) => {
        errors.push(`${number} ${(error as CodedError | undefined)?.id}`);
      });
    }
    await harness.until(() => errors.length === 4);
    assert.deepEqual(errors, [
      '2 veltrix-log-io-failed',
      '3 veltrix-log-io-failed',
      '4 veltrix-log-io-failed',
      'listener veltrix-log-io-failed',
    ]);
    assert.throws(() => partition.append('events', recordOf(5)), code('veltrix-log-closed'));
    assert.deepEqual(readAll(partition, 'commands'), [[1, recordOf(1)]]);
    let closed: Error | undefined;
    log.close((error) => {
      closed = error;
    });
    await harness.until(() => closed !== undefined);
    assert.ok(code('veltrix-log-io-failed')(closed));
  },

  'retention lets go of what lies below both offsets, and keeps the rest': async (harness) => {
    const log = harness.open();
    const partition = log.partition(0);
    for (let number = 1; number <= 400; number++) {
      await appendDurably(harness, partition, [
        ['commands', recordOf(number, 500)],
        ['events', recordOf(number, 500)],
      ]);
    }
    assert.equal(partition.retainFrom(300, 1), 0, 'events are still wanted');
    assert.equal(partition.retainFrom(300, 200, 1 << 30), 0, 'so many bytes are to be kept');
    partition.retainFrom(300, 200, 350 * 2 * 500);
    const newest = partition.start('events');
    assert.ok(newest < 200, `the newest bytes are kept, from ${newest}`);
    assert.ok(partition.retainFrom(300, 200) > 0);
    const first = partition.start('events');
    assert.ok(first > 1 && first <= 200, `starts at ${first}`);
    assert.throws(
      () => partition.read('events', first - 1, 1024, () => {}),
      code('veltrix-log-offset-gone'),
    );
    const expected = (from: number) =>
      Array.from({ length: 401 - from }, (_, index) => [from + index, recordOf(from + index, 500)]);
    assert.deepEqual(readAll(partition, 'events'), expected(first));
    await close(harness, log);
    const again = harness.open().partition(0);
    assert.equal(again.start('events'), first);
    assert.deepEqual(readAll(again, 'commands'), expected(again.start('commands')));
    assert.equal(again.end('commands'), 401);
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

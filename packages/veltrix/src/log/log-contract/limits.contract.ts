import assert from 'node:assert/strict';
import type { CodedError } from '../../coded-error.ts';
import {
  appendDurably,
  close,
  code,
  type LogPromises,
  readAll,
  recordOf,
} from './log-harness.contract.ts';

/** What is too much, a full disk, and what is let go of. */
export const limits: LogPromises = {
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
};

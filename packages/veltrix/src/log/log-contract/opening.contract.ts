import assert from 'node:assert/strict';
import {
  appendDurably,
  close,
  code,
  contractIdentity,
  type LogPromises,
  readAll,
  recordOf,
} from './log-harness.contract.ts';

/** Identity; closed, crashed and opened again. */
export const opening: LogPromises = {
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
};

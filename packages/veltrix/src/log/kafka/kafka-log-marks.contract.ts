import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import type { RunningKafka } from '@hunt/services';
import { testLogMarksContract } from '../log-marks.contract.ts';
import { openKafkaLogMarks } from './kafka-log-marks.ts';
import { openKafkaSharedLog } from './kafka-shared-log.ts';

/** @param running the server, once the tests run */
export function testKafkaLogMarks(running: () => RunningKafka): void {
  const run = randomBytes(6).toString('hex');
  const openMarks = (prefix: string) => {
    const { bootstrap } = running();
    return openKafkaLogMarks({ bootstrap, prefix: `marks-${run}-${prefix}`, replication: 1 });
  };
  const openLog = (prefix: string, duringMigration = false) => {
    const { bootstrap } = running();
    return openKafkaSharedLog({
      ...{ bootstrap, prefix: `marks-${run}-${prefix}`, replication: 1, duringMigration },
      ...{ partitionCount: 2, dedupeWindow: 1024 },
    });
  };

  testLogMarksContract('Kafka', async (prefix) => {
    const marks = await openMarks(prefix);
    return { marks, close: () => marks.close() };
  });

  suite('a log on Kafka that is marked', () => {
    test('opens for its migration only until the mark says "open", and nothing is made before', async () => {
      const marks = await openMarks('filled');
      try {
        const mark = {
          logId: 'ab'.repeat(16),
          other: { logId: 'cd'.repeat(16), place: '/srv/data' },
        };
        assert.equal(await marks.topics(), 'missing');
        await marks.write({ ...mark, state: 'filling' });
        const message = /filled.*\/srv\/data/;
        await assert.rejects(openLog('filled'), { id: 'veltrix-log-filling', message });
        assert.equal(await marks.topics(), 'missing');
        const log = await openLog('filled', true);
        await new Promise<void>((resolve) => log.close(() => resolve()));
        assert.equal(await marks.topics(), 'used');
        await assert.rejects(openLog('filled'), { id: 'veltrix-log-filling' });
        await marks.write({ ...mark, state: 'open' });
        const opened = await openLog('filled');
        await new Promise<void>((resolve) => opened.close(() => resolve()));
        await marks.write({ ...mark, state: 'moved' });
        await assert.rejects(openLog('filled'), { id: 'veltrix-log-moved', message });
      } finally {
        marks.close();
      }
    });
  });
}

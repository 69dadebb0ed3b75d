import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogBounds, type SharedPartition, veltrixErrors } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { AskLaterError } from '../views/partition-repairs.ts';
import { checkWholeLog } from './whole-log.ts';

const identity = { logId: 'c'.repeat(32), partitionCount: 2, dedupeWindow: 1_024 };

/** Kept from the offset on, by partition; undefined does not answer. */
function logFrom(...starts: readonly (number | undefined)[]) {
  const partitionOf = (partition: number): SharedPartition => {
    const bounds: SharedPartition['bounds'] = (_stream, done) => {
      const start = starts[partition];
      const error = start === undefined ? unavailable : undefined;
      done(error, { start: start ?? -1, end: 100 } as LogBounds);
    };
    return { partition, bounds } as unknown as SharedPartition;
  };
  return { identity, partition: partitionOf };
}

const unavailable = veltrixErrors.create('veltrix-log-unavailable', {
  partition: 1,
  stream: 'events',
  reason: 'no answer',
});

const archiveTo = (end: number) => ({
  archivedEnd: async () => end,
  records: async (_partition: number, from: number) => Math.max(from, end),
});

const noArchive = {
  archivedEnd: async (): Promise<number> => {
    const details = { servers: 'nowhere', reason: 'outage' };
    throw engineErrors.create('engine-archive-unavailable', details);
  },
  records: async () => assert.fail('nobody asked where it ends'),
};

test('a log is whole where each partition begins with its first record, or the archive has those before', async () => {
  await checkWholeLog(logFrom(1, 1), noArchive);
  await checkWholeLog(logFrom(1, 40), archiveTo(40));
  await assert.rejects(checkWholeLog(logFrom(1, 41), archiveTo(40)), {
    id: 'veltrix-log-offset-gone',
    details: { offset: 1, partition: 1, stream: 'events', first: 41 },
  });
});

test('while the log or the archive does not answer, nobody knows', async () => {
  await assert.rejects(checkWholeLog(logFrom(1, 40), noArchive), AskLaterError);
  await assert.rejects(checkWholeLog(logFrom(1, undefined), archiveTo(40)), AskLaterError);
});

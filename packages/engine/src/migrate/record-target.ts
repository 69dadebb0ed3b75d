import type { LogPartition, SharedPartition, Stream } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { boundsOf } from './read-shared.ts';

/** What a partition is written to. */
export interface RecordTarget {
  readonly partition: number;
  /** Offset the next record gets. */
  end(stream: Stream): Promise<number>;
  /**
   * Appends; all are durable when it resolves. The first has to get offset `from`, else
   * `engine-migrate-target-disturbed`.
   */
  append(stream: Stream, from: number, records: readonly Uint8Array[]): Promise<void>;
}

export function embeddedTarget(log: LogPartition): RecordTarget {
  return {
    partition: log.partition,
    end: async (stream) => log.end(stream),
    append: (stream, from, records) =>
      appendAll(log.partition, stream, from, records, (record, done) => {
        const offset = log.append(stream, record, (error) => done(error, offset));
      }),
  };
}

export function sharedTarget(log: SharedPartition): RecordTarget {
  return {
    partition: log.partition,
    end: async (stream) => (await boundsOf(log, stream)).end,
    append: (stream, from, records) =>
      appendAll(log.partition, stream, from, records, (record, done) =>
        log.append(stream, record, done),
      ),
  };
}

/** Rejects with the first error once each append was answered: what comes after must not overtake. */
function appendAll(
  partition: number,
  stream: Stream,
  from: number,
  records: readonly Uint8Array[],
  append: (record: Uint8Array, done: (error: Error | undefined, offset: number) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    let left = records.length;
    if (left === 0) resolve();
    for (const [index, record] of records.entries()) {
      append(record, (error, offset) => {
        failure ??= error;
        if (!failure && offset !== from + index) {
          const reason = `record ${from + index} came to stand at offset ${offset}`;
          failure = targetDisturbed(partition, stream, reason);
        }
        left -= 1;
        if (left > 0) return;
        if (failure) reject(failure);
        else resolve();
      });
    }
  });
}

export function targetDisturbed(partition: number, stream: Stream, reason: string): Error {
  const details = { partition, stream, reason };
  return engineErrors.create('engine-migrate-target-disturbed', details);
}

import {
  CodedError,
  type LogBounds,
  type SharedLog,
  type SharedPartition,
  veltrixErrors,
} from 'veltrix';
import type { SharedArchive } from '../archive/archive.ts';
import { AskLaterError } from '../views/partition-repairs.ts';

type Archived = Pick<SharedArchive, 'archivedEnd' | 'records'>;

/**
 * Resolves where the decision records of every partition can be read from the first one on: what the log has let go of
 * is in the archive, which answers. Throws `veltrix-log-offset-gone` where that is not so, what waiting does not mend,
 * and `AskLaterError` while one of the two does not answer.
 */
export async function checkWholeLog(
  log: Pick<SharedLog, 'identity' | 'partition'>,
  archive: Archived,
): Promise<void> {
  try {
    for (let number = 0; number < log.identity.partitionCount; number++) {
      await checkPartition(log.partition(number), archive);
    }
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.retry === 'never') throw cause;
    throw new AskLaterError(cause.message, { cause });
  }
}

async function checkPartition(log: SharedPartition, archive: Archived): Promise<void> {
  const { partition } = log;
  const { start } = await boundsOf(log);
  if (start <= 1) return;
  const isArchived = (await archive.archivedEnd(partition)) >= start;
  if (isArchived && (await archive.records(partition, 1, () => {})) > 1) return;
  const details = { offset: 1, partition, stream: 'events', first: start };
  throw veltrixErrors.create('veltrix-log-offset-gone', details);
}

function boundsOf(log: SharedPartition): Promise<LogBounds> {
  return new Promise((resolve, reject) => {
    log.bounds('events', (error, bounds) => {
      if (error) reject(error);
      else resolve(bounds);
    });
  });
}

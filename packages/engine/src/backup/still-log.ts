import type { Disk, LogIdentity } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { DecidedRecords } from './decided-records.ts';

export interface StillLog {
  readonly identity: LogIdentity;
  readonly histories: readonly DecidedRecords[];
}

/**
 * The log of a data directory, or of a backup, as it is now: without its lock and without writing anything.
 * What an engine that runs on it writes later is not seen. Throws `veltrix-log-missing`,
 * `veltrix-log-damaged`, `veltrix-log-identity-mismatch`, `veltrix-log-io-failed`.
 */
export function openStillLog(directory: string, disk: Disk): StillLog {
  const log = openEmbeddedLogReader(`${directory}/log`, disk);
  const { identity } = log;
  const histories = Array.from({ length: identity.partitionCount }, (_, partition) => {
    const reader = log.partition(partition);
    const ends = reader.writtenEnd();
    return new DecidedRecords(
      {
        partition,
        durableEnd: (stream) => ends[stream],
        start: (stream) => reader.start(stream),
        read: (stream, from, maxBytes, visit) =>
          reader.read(stream, from, maxBytes, visit, ends[stream]),
      },
      directory,
    );
  });
  return { identity, histories };
}

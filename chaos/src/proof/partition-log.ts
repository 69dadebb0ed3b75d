import type { SharedLog, Stream } from 'veltrix';

/** A record as it lies in the log. */
export interface LogRecord {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** All records of one stream of a partition that are there now. */
export function readStream(
  log: SharedLog,
  partition: number,
  stream: Stream,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  return new Promise((resolve, reject) => {
    const subscription = log.partition(partition).follow(stream, 1, {
      record: (offset, bytes) => records.push({ offset, bytes: bytes.slice() }),
      caughtUp: () => {
        subscription.stop();
        resolve(records);
      },
      ended: reject,
    });
  });
}

/** The offset above the last record. */
export function endOf(log: SharedLog, partition: number, stream: Stream): Promise<number> {
  return new Promise((resolve, reject) => {
    log.partition(partition).bounds(stream, (error, { end }) => {
      if (error) reject(error);
      else resolve(end);
    });
  });
}

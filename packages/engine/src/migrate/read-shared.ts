import type { Clock, SharedPartition, Stream } from 'veltrix';
import { chunkBytes } from './plain-partition.ts';

export interface SharedRecord {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A log that cannot be read for so long is given up. */
const patienceMs = 60_000;

/** Both bounds of a stream, as of an answer of the log. */
export function boundsOf(
  partition: SharedPartition,
  stream: Stream,
): Promise<{ readonly start: number; readonly end: number }> {
  return new Promise((resolve, reject) => {
    partition.bounds(stream, (error, bounds) => (error ? reject(error) : resolve(bounds)));
  });
}

/**
 * The records of a stream of a shared log from one offset up to another, some at a time; no more is read
 * than is taken. Throws what ends a follower, and `veltrix-log-unavailable` after a minute of that.
 */
export async function* readShared(
  partition: SharedPartition,
  stream: Stream,
  { from, end, clock }: { readonly from: number; readonly end: number; readonly clock: Clock },
): AsyncGenerator<readonly SharedRecord[]> {
  if (from >= end) return;
  let ready: SharedRecord[] = [];
  let bytesReady = 0;
  let isAtEnd = false;
  let failure: Error | undefined;
  let wake = () => {};
  let cancelPatience = () => {};
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  const subscription = partition.follow(stream, from, {
    record(offset, bytes) {
      if (offset < end) {
        ready.push({ offset, bytes: bytes.slice() });
        bytesReady += bytes.length;
      }
      isAtEnd ||= offset >= end - 1;
      if (isAtEnd || bytesReady >= chunkBytes) subscription.pause();
      wake();
    },
    caughtUp(shown) {
      isAtEnd ||= shown >= end;
      wake();
    },
    interrupted(error) {
      cancelPatience();
      cancelPatience = error ? clock.after(patienceMs, () => fail(error)) : () => {};
    },
    ended: fail,
  });
  try {
    while (!isAtEnd || ready.length > 0) {
      if (failure) throw failure;
      if (ready.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const records = ready;
      ready = [];
      bytesReady = 0;
      if (!isAtEnd) subscription.resume();
      yield records;
    }
  } finally {
    cancelPatience();
    subscription.stop();
  }
}

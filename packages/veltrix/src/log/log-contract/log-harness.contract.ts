import assert from 'node:assert/strict';
import type { CodedError } from '../../coded-error.ts';
import type { Log, LogPartition, Stream } from '../log.ts';

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

export type LogPromises = Readonly<Record<string, (harness: LogHarness) => void | Promise<void>>>;

export const contractIdentity = { partitionCount: 2, dedupeWindow: 1024 };

/** A record of `size` bytes that nobody else has. */
export function recordOf(number: number, size = 16): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = (number * 31 + index * 7) & 0xff;
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

export async function appendDurably(
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

export async function close(harness: LogHarness, log: Log): Promise<void> {
  let closed = false;
  log.close((error) => {
    assert.ifError(error);
    closed = true;
  });
  await harness.until(() => closed);
}

export const code = (id: string) => (error: unknown) => (error as CodedError).id === id;

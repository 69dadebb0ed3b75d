import type { Clock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import type { Disk } from '../../storage/disk.ts';
import { makeDirectoryDurably } from '../../storage/make-directory.ts';
import type { Log, LogIdentity, LogPartition } from '../log.ts';
import { EmbeddedPartition } from './embedded-partition.ts';
import { withIo } from './journal-errors.ts';
import {
  frameHeaderBytes,
  partitionDirectory,
  recordHeaderBytes,
  segmentHeaderBytes,
} from './journal-format.ts';
import { growthBytes, JournalWriter } from './journal-writer.ts';
import { recoverOrMake } from './recover-or-make.ts';
import type { RecoveredJournal } from './recovery.ts';
import { Segment, type SegmentState } from './segment.ts';
import { SegmentPreparer } from './segment-preparer.ts';
import { SegmentRemover } from './segment-remover.ts';
import { Telling } from './telling.ts';

export interface EmbeddedLogOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly clock: Clock;
  /** Pinned when the log is made; taken from the directory when left out. At most 4,096. */
  readonly partitionCount?: number;
  /** Pinned when the log is made; taken from the directory when left out. A power of two. */
  readonly dedupeWindow?: number;
  /** Makes the id of a new log: 32 hexadecimal digits. */
  readonly newLogId: () => string;
  /** Size of a segment file in bytes, from 8 KiB to 1 GiB, a multiple of 4 KiB. Default 64 MiB. */
  readonly segmentBytes?: number;
  /**
   * Records that wait are gathered into frames of about this size: one checksum and one write each.
   * Default 256 KiB, so that a frame is still in the cache when it is written.
   */
  readonly frameBytes?: number;
  /** `log.recordMaxBytes`: largest record in bytes. Default 8 MiB; less than a segment. */
  readonly recordMaxBytes?: number;
  /** `log.inflightMaxBytes`: bytes of a partition waiting to become durable. Default 64 MiB. */
  readonly inflightMaxBytes?: number;
  /** Hears of each sync of each partition: how long it took, and what it made durable. */
  readonly onSynced?: (milliseconds: number, bytes: number) => void;
}

type Limits = Required<
  Pick<EmbeddedLogOptions, 'segmentBytes' | 'frameBytes' | 'recordMaxBytes' | 'inflightMaxBytes'>
>;

/** A log whose directory is locked and whose partitions are recovered, but none of them open yet. */
export interface LockedLog {
  readonly identity: LogIdentity;
  /**
   * Opens these partitions on this thread; call it once. Closing what it returns lets go of the
   * directory, so the partitions of other threads are closed before.
   */
  open(partitions: readonly number[]): Log;
  /** What another thread of this process needs to open these partitions: see `openLogShare`. */
  share(partitions: readonly number[]): LogShare;
}

/** Some partitions of a log that another thread has locked and recovered. Crosses threads as it is. */
export interface LogShare {
  readonly identity: LogIdentity;
  readonly journals: ReadonlyMap<number, JournalState>;
}

interface JournalState extends Omit<RecoveredJournal, 'segments'> {
  readonly segments: readonly SegmentState[];
}

/**
 * Opens the log in a directory, or makes a new one there: recovers what a crash left and takes the
 * directory's lock until `close`. Holds up the caller while it reads each partition's last segment.
 *
 * Throws `veltrix-log-locked`, `veltrix-log-identity-mismatch`, `veltrix-log-damaged`,
 * `veltrix-log-missing` (no log there and no partition count given), `veltrix-log-io-failed`.
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): Log {
  const locked = lockEmbeddedLog(options);
  return locked.open(Array.from({ length: locked.identity.partitionCount }, (_, n) => n));
}

/** The first half of `openEmbeddedLog`, for a log that several threads open. Throws what that throws. */
export function lockEmbeddedLog(options: EmbeddedLogOptions): LockedLog {
  const { directory, disk } = options;
  const limits = checkedLimits(options);
  const lock = withIo('lock', directory, () => {
    makeDirectoryDurably(disk, directory);
    return disk.lock(`${directory}/lock`);
  });
  if (!lock) throw veltrixErrors.create('veltrix-log-locked', { directory });
  const orUnlock = <T>(work: () => T): T => {
    try {
      return withIo('open', directory, work);
    } catch (error) {
      lock.release();
      throw error;
    }
  };
  const { identity, journals } = orUnlock(() => recoverOrMake(options, limits.segmentBytes));
  return {
    identity,
    open: (numbers) =>
      orUnlock(() => {
        const chosen = new Map(numbers.map((number) => [number, journals[number]!]));
        return new EmbeddedLog(identity, openPartitions(options, limits, identity, chosen), lock);
      }),
    share: (numbers) => {
      const states = numbers.map((number) => {
        const { segments, ...journal } = journals[number]!;
        return [number, { ...journal, segments: segments.map(({ state }) => state) }] as const;
      });
      return { identity, journals: new Map(states) };
    },
  };
}

/** Opens partitions of a log that another thread of this process keeps locked until these are closed. */
export function openLogShare(options: EmbeddedLogOptions, share: LogShare): Log {
  const limits = checkedLimits(options);
  const { identity } = share;
  const journals = new Map<number, RecoveredJournal>();
  for (const [partition, { segments, ...journal }] of share.journals) {
    const own = segments.map(({ path, header, index }) => new Segment(path, header, index));
    journals.set(partition, { ...journal, segments: own });
  }
  return withIo('open', options.directory, () => {
    const partitions = openPartitions(options, limits, identity, journals);
    return new EmbeddedLog(identity, partitions, { release: () => {} });
  });
}

function checkedLimits(options: EmbeddedLogOptions): Limits {
  const {
    segmentBytes = 64 << 20,
    frameBytes = 256 * 1024,
    recordMaxBytes = 8 << 20,
    inflightMaxBytes = 64 << 20,
  } = options;
  const room = segmentBytes - segmentHeaderBytes - 2 * frameHeaderBytes - 2 * recordHeaderBytes;
  if (segmentBytes % 4096 !== 0 || segmentBytes < 8192 || segmentBytes > 1 << 30) {
    throw new RangeError(`segmentBytes is ${segmentBytes}`);
  }
  if (recordMaxBytes > room || recordMaxBytes > inflightMaxBytes - recordHeaderBytes) {
    throw new RangeError(
      `recordMaxBytes is ${recordMaxBytes}, with segmentBytes ${segmentBytes} and inflightMaxBytes ${inflightMaxBytes}`,
    );
  }
  return { segmentBytes, frameBytes, recordMaxBytes, inflightMaxBytes };
}

function openPartitions(
  { directory, disk, clock, onSynced }: EmbeddedLogOptions,
  limits: Limits,
  identity: LogIdentity,
  journals: ReadonlyMap<number, RecoveredJournal>,
): ReadonlyMap<number, EmbeddedPartition> {
  const partitions = new Map<number, EmbeddedPartition>();
  for (const [partition, { segments, position, next, sealed, tornBytes }] of journals) {
    const partitionPath = partitionDirectory(directory, partition);
    for (const segment of segments) segment.fileBytes = fileBytes(disk, segment.path);
    const file = disk.open(segments.at(-1)!.path);
    const { segmentBytes } = limits;
    const writer = new JournalWriter(
      identity,
      partition,
      partitionPath,
      segmentBytes,
      segments,
      file,
      position,
    );
    const growth = Math.min(growthBytes, segmentBytes);
    const preparer = new SegmentPreparer(disk, clock, partitionPath, growth, segmentBytes);
    const remover = new SegmentRemover(disk, partitionPath);
    partitions.set(
      partition,
      new EmbeddedPartition({
        ...{ disk, clock, identity, partition, writer, preparer, remover, onSynced },
        ...limits,
        ...{ next, sealed, tornBytes, hasThreadAlone: journals.size === 1 },
      }),
    );
  }
  for (const partition of partitions.values()) partition.begin();
  return partitions;
}

function fileBytes(disk: Disk, path: string): number {
  const file = disk.open(path);
  try {
    return file.size();
  } finally {
    file.close();
  }
}

class EmbeddedLog implements Log {
  readonly identity: LogIdentity;
  readonly #partitions: ReadonlyMap<number, EmbeddedPartition>;
  readonly #lock: { release(): void };
  #closing = false;
  #closed = false;
  readonly #onClosed: ((error?: Error) => void)[] = [];

  constructor(
    identity: LogIdentity,
    partitions: ReadonlyMap<number, EmbeddedPartition>,
    lock: { release(): void },
  ) {
    this.identity = identity;
    this.#partitions = partitions;
    this.#lock = lock;
  }

  partition(partition: number): LogPartition {
    const found = this.#partitions.get(partition);
    if (!found) throw new RangeError(`there is no partition ${partition} here`);
    return found;
  }

  /** Calls back with the first error of a partition that could not keep all it was given. */
  close(done: (error?: Error) => void): void {
    if (this.#closed) {
      done();
      return;
    }
    this.#onClosed.push(done);
    if (this.#closing) return;
    this.#closing = true;
    let open = this.#partitions.size;
    let failure: Error | undefined;
    const closing = new Telling();
    for (const partition of this.#partitions.values()) {
      const done = (error?: Error) => {
        failure ??= error;
        open -= 1;
        if (open === 0) this.#hasClosed(failure);
      };
      // Who hears of the last records then may throw.
      closing.call(() => partition.close(done));
    }
    closing.end();
  }

  #hasClosed(failure: Error | undefined): void {
    this.#lock.release();
    this.#closed = true;
    const telling = new Telling();
    for (const onClosed of this.#onClosed.splice(0)) {
      telling.call(() => (failure ? onClosed(failure) : onClosed()));
    }
    telling.end();
  }
}

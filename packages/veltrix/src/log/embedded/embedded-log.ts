import type { Clock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import type { Disk } from '../../storage/disk.ts';
import { makeDirectoryDurably } from '../../storage/make-directory.ts';
import type { Log, LogIdentity, LogPartition } from '../log.ts';
import { EmbeddedPartition } from './embedded-partition.ts';
import { FrameBuffer } from './frame-buffer.ts';
import { damaged, withIo } from './journal-errors.ts';
import {
  encodeIdentityRecord,
  encodeSegmentHeader,
  frameHeaderBytes,
  frameSeed,
  partitionDirectory,
  recordHeaderBytes,
  segmentFileName,
  segmentHeaderBytes,
} from './journal-format.ts';
import { growthBytes, JournalWriter } from './journal-writer.ts';
import {
  checkIdentity,
  findIdentity,
  findPartitions,
  firstFrameEnd,
  newIdentity,
} from './log-directory.ts';
import { type RecoveredJournal, recoverJournal } from './recovery.ts';
import { Segment } from './segment.ts';
import type { SegmentFile } from './segment-files.ts';
import { SegmentPreparer } from './segment-preparer.ts';
import { SegmentRemover } from './segment-remover.ts';

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
}

type Limits = Required<
  Pick<EmbeddedLogOptions, 'segmentBytes' | 'frameBytes' | 'recordMaxBytes' | 'inflightMaxBytes'>
>;

/**
 * Opens the log in a directory, or makes a new one there: recovers what a crash left and takes the
 * directory's lock until `close`. Holds up the caller while it reads each partition's last segment.
 *
 * Throws `veltrix-log-locked`, `veltrix-log-identity-mismatch`, `veltrix-log-damaged`,
 * `veltrix-log-missing` (no log there and no partition count given), `veltrix-log-io-failed`.
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): Log {
  const { directory, disk } = options;
  const limits = checkedLimits(options);
  const lock = withIo('lock', directory, () => {
    makeDirectoryDurably(disk, directory);
    return disk.lock(`${directory}/lock`);
  });
  if (!lock) throw veltrixErrors.create('veltrix-log-locked', { directory });
  try {
    return withIo('open', directory, () => openLocked(options, limits, lock));
  } catch (error) {
    lock.release();
    throw error;
  }
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

function openLocked(
  options: EmbeddedLogOptions,
  limits: Limits,
  lock: { release(): void },
): EmbeddedLog {
  const { directory, disk, clock } = options;
  const found = findPartitions(disk, directory);
  const identity = findIdentity(found, directory) ?? newIdentity(options, found);
  checkIdentity(options, identity, found);
  const recovered = recoverAll(disk, directory, found, identity);
  const partitions = recovered.map((journal, partition) => {
    const partitionPath = partitionDirectory(directory, partition);
    const state =
      journal ?? makeJournal(disk, partitionPath, identity, partition, limits.segmentBytes);
    disk.syncDirectory(partitionPath);
    const { segments, position } = state;
    const file = disk.open(segments.at(-1)!.path);
    const writer = new JournalWriter(
      identity,
      partition,
      partitionPath,
      limits.segmentBytes,
      segments,
      file,
      position,
    );
    const preparer = new SegmentPreparer(
      disk,
      clock,
      partitionPath,
      Math.min(growthBytes, limits.segmentBytes),
      limits.segmentBytes,
    );
    const remover = new SegmentRemover(disk, partitionPath);
    return new EmbeddedPartition({
      ...{ disk, clock, identity, partition, writer, preparer, remover },
      ...limits,
      next: state.next,
      sealed: state.sealed,
      tornBytes: state.tornBytes,
    });
  });
  disk.syncDirectory(directory);
  for (const partition of partitions) partition.begin();
  return new EmbeddedLog(identity, partitions, lock);
}

/**
 * Recovers every partition; undefined stands for one that still has to be made. Nothing is appended
 * to a new log before all partitions are made, so one that is missing beside used ones was lost.
 */
function recoverAll(
  disk: Disk,
  directory: string,
  found: ReadonlyMap<number, readonly SegmentFile[]>,
  identity: LogIdentity,
): (RecoveredJournal | undefined)[] {
  const journals = Array.from({ length: identity.partitionCount }, (_, partition) =>
    recoverJournal(disk, found.get(partition) ?? [], identity.logId, partition),
  );
  const missing = journals.findIndex((journal) => !journal || journal.next.commands === 0);
  if (missing >= 0 && journals.some((journal) => journal && journal.next.frame > 1)) {
    const path = partitionDirectory(directory, missing);
    throw damaged(path, 0, 'the partition is missing, while others hold records');
  }
  return journals.map((journal) => (journal?.next.commands === 0 ? undefined : journal));
}

/** Makes a partition's first segment with record 0 of both streams, durably. */
function makeJournal(
  disk: Disk,
  directory: string,
  identity: LogIdentity,
  partition: number,
  segmentBytes: number,
): RecoveredJournal {
  disk.makeDirectory(directory);
  const header = {
    ...{ identity, partition, segmentBytes, sequence: 0 },
    ...{ frame: 0, commands: 0, events: 0 },
  };
  const path = `${directory}/${segmentFileName(0)}`;
  const file = disk.open(path, { create: true });
  try {
    file.truncate(0);
    const frame = new FrameBuffer();
    frame.reset(header);
    const record = encodeIdentityRecord(identity, partition);
    frame.add('commands', record, undefined);
    frame.add('events', record, undefined);
    file.write(0, encodeSegmentHeader(header));
    file.write(segmentHeaderBytes, frame.seal(frameSeed(identity.logId, partition, 0), 0));
    file.sync();
  } finally {
    file.close();
  }
  return {
    segments: [new Segment(path, header)],
    position: firstFrameEnd,
    next: { frame: 1, commands: 1, events: 1 },
    sealed: false,
    tornBytes: 0,
  };
}

class EmbeddedLog implements Log {
  readonly identity: LogIdentity;
  readonly #partitions: readonly EmbeddedPartition[];
  readonly #lock: { release(): void };
  #closing = false;
  #closed = false;
  readonly #onClosed: ((error?: Error) => void)[] = [];

  constructor(
    identity: LogIdentity,
    partitions: readonly EmbeddedPartition[],
    lock: { release(): void },
  ) {
    this.identity = identity;
    this.#partitions = partitions;
    this.#lock = lock;
  }

  partition(partition: number): LogPartition {
    const found = this.#partitions[partition];
    if (!found) throw new RangeError(`there is no partition ${partition}`);
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
    let open = this.#partitions.length;
    let failure: Error | undefined;
    for (const partition of this.#partitions) {
      partition.close((error) => {
        failure ??= error;
        open -= 1;
        if (open > 0) return;
        this.#lock.release();
        this.#closed = true;
        for (const onClosed of this.#onClosed.splice(0)) {
          if (failure) onClosed(failure);
          else onClosed();
        }
      });
    }
  }
}

import type { Disk } from '../../storage/disk.ts';
import type { LogIdentity } from '../log.ts';
import type { EmbeddedLogOptions } from './embedded-log.ts';
import { FrameBuffer } from './frame-buffer.ts';
import { damaged } from './journal-errors.ts';
import {
  encodeIdentityRecord,
  encodeSegmentHeader,
  frameSeed,
  partitionDirectory,
  segmentFileName,
  segmentHeaderBytes,
} from './journal-format.ts';
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

/**
 * Recovers every partition of a log whose directory is locked, or makes what is missing of a new one.
 * Afterwards all are there durably.
 */
export function recoverOrMake(
  options: EmbeddedLogOptions,
  segmentBytes: number,
): { readonly identity: LogIdentity; readonly journals: readonly RecoveredJournal[] } {
  const { directory, disk } = options;
  const found = findPartitions(disk, directory);
  const identity = findIdentity(found, directory) ?? newIdentity(options, found);
  checkIdentity(options, identity, found);
  const journals = recoverAll(disk, directory, found, identity).map((journal, partition) => {
    const path = partitionDirectory(directory, partition);
    const state = journal ?? makeJournal(disk, path, identity, partition, segmentBytes);
    disk.syncDirectory(path);
    return state;
  });
  disk.syncDirectory(directory);
  return { identity, journals };
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

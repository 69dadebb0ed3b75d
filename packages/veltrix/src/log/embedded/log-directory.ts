import { veltrixErrors } from '../../errors.ts';
import type { Disk } from '../../storage/disk.ts';
import type { LogIdentity } from '../log.ts';
import type { EmbeddedLogOptions } from './embedded-log.ts';
import { damaged } from './journal-errors.ts';
import {
  formatVersion,
  frameHeaderBytes,
  identityRecordBytes,
  recordHeaderBytes,
  segmentHeaderBytes,
} from './journal-format.ts';
import { listSegmentFiles, type SegmentFile, UnknownFormat } from './segment-files.ts';

/** Segment files by partition number, of the partitions that have a directory. */
export function findPartitions(disk: Disk, directory: string): Map<number, SegmentFile[]> {
  const found = new Map<number, SegmentFile[]>();
  for (const name of disk.list(directory)) {
    const match = /^p-(\d{4})$/.exec(name);
    if (!match) continue;
    const partition = Number(match[1]);
    try {
      found.set(partition, listSegmentFiles(disk, `${directory}/${name}`, partition));
    } catch (error) {
      if (!(error instanceof UnknownFormat)) throw error;
      throw mismatch(directory, 'format', error.version, formatVersion);
    }
  }
  return found;
}

function mismatch(
  directory: string,
  field: string,
  found: number | string,
  expected: number | string,
): Error {
  const details = { directory, field, found, expected };
  return veltrixErrors.create('veltrix-log-identity-mismatch', details);
}

/** The identity that all segment headers agree on; undefined when there is no used segment. */
export function findIdentity(
  found: ReadonlyMap<number, readonly SegmentFile[]>,
  directory: string,
): LogIdentity | undefined {
  let identity: LogIdentity | undefined;
  for (const files of found.values()) {
    for (const { header, path } of files) {
      if (header === 'blank') continue;
      identity ??= header.identity;
      const { logId, partitionCount, dedupeWindow } = header.identity;
      if (logId !== identity.logId) throw damaged(path, 16, `it belongs to log ${logId}`);
      if (partitionCount !== identity.partitionCount || dedupeWindow !== identity.dedupeWindow) {
        throw mismatch(directory, 'identity in', path, identity.logId);
      }
    }
  }
  return identity;
}

/**
 * Whose log is in a directory, without its lock. Undefined when there is none, or none that could be
 * opened: opening it says why.
 */
export function readLogIdentity(directory: string, disk: Disk): LogIdentity | undefined {
  try {
    return findIdentity(findPartitions(disk, directory), directory);
  } catch {
    return undefined;
  }
}

export function newIdentity(
  options: EmbeddedLogOptions,
  found: ReadonlyMap<number, readonly SegmentFile[]>,
): LogIdentity {
  const { partitionCount, dedupeWindow, directory, disk, newLogId } = options;
  for (const files of found.values()) {
    for (const { path } of files) checkNeverUsed(disk, path);
  }
  if (partitionCount === undefined || dedupeWindow === undefined) {
    throw veltrixErrors.create('veltrix-log-missing', { directory });
  }
  const logId = newLogId();
  if (
    !/^[0-9a-f]{32}$/.test(logId) ||
    !(Number.isInteger(partitionCount) && partitionCount >= 1 && partitionCount <= 4096) ||
    !(Number.isInteger(Math.log2(dedupeWindow)) && dedupeWindow <= 2 ** 31)
  ) {
    throw new RangeError(
      `log id ${logId}, partitionCount ${partitionCount}, dedupeWindow ${dedupeWindow}`,
    );
  }
  return { logId, partitionCount, dedupeWindow };
}

export const firstFrameEnd =
  segmentHeaderBytes + frameHeaderBytes + 2 * (recordHeaderBytes + identityRecordBytes);

/** A log whose making was interrupted holds its first frame at most: more was once a used log. */
function checkNeverUsed(disk: Disk, path: string): void {
  const file = disk.open(path);
  const bytes = new Uint8Array(segmentHeaderBytes);
  const count = file.read(firstFrameEnd, bytes);
  file.close();
  if (bytes.subarray(0, count).some((byte) => byte !== 0)) {
    throw damaged(path, 0, 'its header is blank');
  }
}

export function checkIdentity(
  options: EmbeddedLogOptions,
  identity: LogIdentity,
  found: ReadonlyMap<number, readonly SegmentFile[]>,
): void {
  const { directory } = options;
  for (const field of ['partitionCount', 'dedupeWindow'] as const) {
    const expected = options[field];
    if (expected !== undefined && expected !== identity[field]) {
      throw mismatch(directory, field, identity[field], expected);
    }
  }
  for (const partition of found.keys()) {
    if (partition < identity.partitionCount) continue;
    throw mismatch(
      directory,
      'partition directory',
      partition,
      `0 to ${identity.partitionCount - 1}`,
    );
  }
}

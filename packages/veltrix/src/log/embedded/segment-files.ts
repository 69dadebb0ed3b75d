import type { Disk } from '../../storage/disk.ts';
import { damaged } from './journal-errors.ts';
import {
  decodeSegmentHeader,
  parseSegmentFileName,
  type SegmentHeader,
  segmentHeaderBytes,
} from './journal-format.ts';

/** A segment file as found in a partition's directory. */
export interface SegmentFile {
  readonly path: string;
  readonly sequence: number;
  /** `blank` when it was prepared and not yet used. */
  readonly header: SegmentHeader | 'blank';
}

/** A segment file that was begun. */
export interface UsedSegmentFile extends SegmentFile {
  readonly header: SegmentHeader;
}

/** Thrown while looking at a directory written by another release. */
export class UnknownFormat extends Error {
  readonly version: number;

  constructor(version: number) {
    super(`log format version ${version}`);
    this.version = version;
  }
}

/**
 * The segment files of a partition's directory, by segment number, with their headers. A header lies
 * within one sector, so a crash leaves it whole or blank; anything else is `veltrix-log-damaged`.
 */
export function listSegmentFiles(disk: Disk, directory: string, partition: number): SegmentFile[] {
  const files: SegmentFile[] = [];
  for (const name of disk.list(directory)) {
    const sequence = parseSegmentFileName(name);
    if (sequence === undefined) continue;
    const path = `${directory}/${name}`;
    files.push({ path, sequence, header: readSegmentHeader(disk, path, sequence, partition) });
  }
  return files;
}

/**
 * Those of a partition's files that are in use, oldest first: the files behind them are prepared. Throws
 * `veltrix-log-damaged` where one is missing in between, or is blank before one that is in use.
 */
export function filesInUse(files: readonly SegmentFile[]): UsedSegmentFile[] {
  const used: UsedSegmentFile[] = [];
  for (const [index, { path, sequence, header }] of files.entries()) {
    const before = files[index - 1];
    if (before && before.sequence + 1 !== sequence) {
      throw damaged(path, 0, `segment ${before.sequence + 1} before it is missing`);
    }
    if (header === 'blank') continue;
    if (before?.header === 'blank') throw damaged(before.path, 0, 'its header is blank');
    used.push({ path, sequence, header });
  }
  return used;
}

export function readSegmentHeader(
  disk: Disk,
  path: string,
  sequence: number,
  partition: number,
): SegmentHeader | 'blank' {
  const file = disk.open(path);
  const bytes = new Uint8Array(segmentHeaderBytes);
  // Of a file cut short the rest counts as the zeros that were to follow.
  file.read(0, bytes);
  file.close();
  const header = decodeSegmentHeader(bytes);
  if (header === 'blank') return header;
  if (header === 'damaged') throw damaged(path, 0, 'the segment header fails its checksum');
  if ('version' in header) throw new UnknownFormat(header.version);
  if (header.sequence !== sequence || header.partition !== partition) {
    throw damaged(path, 0, `it is segment ${header.sequence} of partition ${header.partition}`);
  }
  return header;
}

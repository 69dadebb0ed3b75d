import type { Disk, DiskFile } from '../../storage/disk.ts';
import { FrameScanner, windowBytes } from './frame-scanner.ts';
import { damaged } from './journal-errors.ts';
import {
  frameMagicBytes,
  frameSeed,
  type JournalPosition,
  segmentHeaderBytes,
} from './journal-format.ts';
import { Segment } from './segment.ts';
import { filesInUse, type SegmentFile } from './segment-files.ts';

/** What is known of a partition's journal after recovery. */
export interface RecoveredJournal {
  /** Oldest first; the last one is written on at `position`. */
  readonly segments: Segment[];
  readonly position: number;
  readonly next: JournalPosition;
  /** The last frame says that everything before it is durable: the stop was clean. */
  readonly sealed: boolean;
  /** Bytes behind the last whole frame that were cut. */
  readonly tornBytes: number;
}

/**
 * Finds the end of a journal by scanning its last segment, and cuts what a crash left unfinished.
 * Afterwards everything kept is durable. A bad frame is a torn tail unless a frame behind it says
 * that it had been durable: then it is damage, and `veltrix-log-damaged` is thrown.
 *
 * Returns undefined when the journal was never completely made and holds nothing.
 */
export function recoverJournal(
  disk: Disk,
  files: readonly SegmentFile[],
  logId: string,
  partition: number,
): RecoveredJournal | undefined {
  const segments = segmentsOf(files);
  const blanks = files.slice(segments.length);
  const tail = segments.at(-1);
  const remains = { tornBytes: 0, durableFrames: 0 };
  for (const { path, sequence } of blanks) {
    const file = disk.open(path);
    const seed = frameSeed(logId, partition, sequence);
    const found = scanRemains(file, seed, segmentHeaderBytes);
    remains.tornBytes += found.tornBytes;
    remains.durableFrames = Math.max(remains.durableFrames, found.durableFrames);
    file.close();
  }
  if (!tail) {
    if (remains.durableFrames > 0) throw damaged(files[0]!.path, 0, 'its header is blank');
    return undefined;
  }
  const file = disk.open(tail.path);
  try {
    const end = scanTail(file, tail, logId, partition, remains.durableFrames);
    if (end.tornBytes > 0) {
      file.truncate(end.position);
    }
    writeAgain(file, end.provenTo, end.position);
    file.sync();
    const { position, next, sealed } = end;
    return { segments, position, next, sealed, tornBytes: end.tornBytes + remains.tornBytes };
  } finally {
    file.close();
  }
}

/** The segments in use, whose frames follow each other. */
function segmentsOf(files: readonly SegmentFile[]): Segment[] {
  const used = filesInUse(files);
  for (const [index, { path, header }] of used.entries()) {
    const before = used[index - 1];
    if (before && header.frame <= before.header.frame) {
      throw damaged(path, 0, `its first frame ${header.frame} is not after the segment before it`);
    }
  }
  return used.map(({ path, header }) => new Segment(path, header));
}

interface TailEnd {
  readonly position: number;
  readonly next: JournalPosition;
  readonly sealed: boolean;
  readonly tornBytes: number;
  /** Up to here a later frame says that the file is durable. */
  readonly provenTo: number;
}

function scanTail(
  file: DiskFile,
  segment: Segment,
  logId: string,
  partition: number,
  durableFramesBehind: number,
): TailEnd {
  const { header, path } = segment;
  const seed = frameSeed(logId, partition, header.sequence);
  const scanner = new FrameScanner(file, seed, segmentHeaderBytes, header.segmentBytes);
  let next: JournalPosition = header;
  let sealed = false;
  // Frames not yet said to be durable by one behind them; the first of a segment vouches for its header.
  const unproven: { readonly frame: number; readonly position: number }[] = [];
  while (scanner.next()) {
    const { first, position } = scanner;
    const after = scanner.visit();
    if (!after || !samePosition(first, next)) {
      throw damaged(path, position, `frame ${first.frame} is not the one that belongs here`);
    }
    segment.note(position, first);
    sealed = scanner.records === 0;
    unproven.push({ frame: first.frame, position: first.frame === header.frame ? 0 : position });
    while (unproven[0] && unproven[0].frame < scanner.durableFrames) unproven.shift();
    next = after;
  }
  const { position, reason } = scanner;
  const remains = scanRemains(file, seed, position);
  if (Math.max(remains.durableFrames, durableFramesBehind) > next.frame) {
    throw damaged(path, position, `frame ${next.frame} was durable, but ${reason}`);
  }
  const { frame, commands, events } = next;
  return {
    position,
    next: { frame, commands, events },
    sealed,
    tornBytes: remains.tornBytes,
    provenTo: unproven[0]?.position ?? (frame === header.frame ? 0 : position),
  };
}

/**
 * Whole frames at the end may have been written and never synced, and after a sync that failed the
 * system shows them and yet will not write them at a later sync. Written again, they are.
 */
function writeAgain(file: DiskFile, from: number, to: number): void {
  const window = new Uint8Array(Math.min(windowBytes, to - from));
  for (let position = from; position < to; position += windowBytes) {
    const bytes = window.subarray(0, Math.min(windowBytes, to - position));
    file.write(position, bytes.subarray(0, file.read(position, bytes)));
  }
}

export function samePosition(one: JournalPosition, other: JournalPosition): boolean {
  return (
    one.frame === other.frame && one.commands === other.commands && one.events === other.events
  );
}

/**
 * Looks through what lies behind the last whole frame: how many bytes there are up to the last one
 * that is not zero, and what whole frames among them say of durability.
 */
export function scanRemains(
  file: DiskFile,
  seed: number,
  from: number,
): { tornBytes: number; durableFrames: number } {
  const limit = file.size();
  const window = Buffer.from(new ArrayBuffer(Math.min(windowBytes, Math.max(limit - from, 0))));
  const zeros = Buffer.alloc(window.length);
  const scanner = new FrameScanner(file, seed, from, limit);
  let end = from;
  let durableFrames = 0;
  for (let start = from; start < limit; start += windowBytes) {
    const chunk = window.subarray(0, file.read(start, window));
    if (chunk.equals(zeros.subarray(0, chunk.length))) continue;
    end = start + chunk.findLastIndex((byte) => byte !== 0) + 1;
    // Frames and chunks start at multiples of 8, so no magic number lies across two chunks.
    for (
      let at = chunk.indexOf(frameMagicBytes);
      at >= 0;
      at = chunk.indexOf(frameMagicBytes, at + 1)
    ) {
      if (at % 8 !== 0) continue;
      scanner.moveTo(start + at);
      if (scanner.next()) durableFrames = Math.max(durableFrames, scanner.durableFrames);
    }
  }
  return { tornBytes: end - from, durableFrames };
}

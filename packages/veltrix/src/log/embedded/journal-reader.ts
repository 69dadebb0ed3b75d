import type { Disk } from '../../storage/disk.ts';
import type { RecordVisitor, Stream } from '../log.ts';
import { FrameScanner, windowBytes } from './frame-scanner.ts';
import { damaged, withIo } from './journal-errors.ts';
import { frameSeed, type JournalPosition } from './journal-format.ts';
import { samePosition } from './recovery.ts';
import { findSegment, type Segment } from './segment.ts';

/** Where the next sequential read of a stream goes on. */
interface Cursor {
  readonly offset: number;
  readonly segment: Segment;
  readonly position: number;
  readonly next: JournalPosition;
}

/** Windows kept for the next read; reads within reads get more for the time being. */
const windowsKept = 2;

/** Reads records from a partition's segments, checking every frame on the way. */
export class JournalReader {
  readonly #disk: Disk;
  readonly #logId: string;
  readonly #partition: number;
  readonly #cursors: { commands?: Cursor; events?: Cursor } = {};
  readonly #windows: Uint8Array[] = [];

  constructor(disk: Disk, logId: string, partition: number) {
    this.#disk = disk;
    this.#logId = logId;
    this.#partition = partition;
  }

  /**
   * Visits the records of `stream` with `from` ≤ offset < `below` until about `maxBytes` were visited
   * (whole frames). All records below `below` must be there: what is not is `veltrix-log-damaged`.
   */
  read(
    segments: readonly Segment[],
    stream: Stream,
    from: number,
    below: number,
    maxBytes: number,
    visit: RecordVisitor,
  ): number {
    let place = this.#find(segments, stream, from);
    let visited = 0;
    let next = from;
    const window = this.#windows.pop() ?? new Uint8Array(windowBytes);
    const visitOne = (of: Stream, offset: number, bytes: Uint8Array) => {
      if (of !== stream || offset < from || offset >= below) return;
      visited += bytes.length;
      next = offset + 1;
      visit(offset, bytes);
    };
    try {
      while (next < below && (visited < maxBytes || next === from)) {
        place = this.#readSegment(segments, place, window, visitOne, () => {
          return next >= below || visited >= maxBytes;
        });
      }
    } finally {
      if (this.#windows.length < windowsKept) this.#windows.push(window);
    }
    // Not when `below` cut through a frame: its other records are still to come.
    if (place.next[stream] === next) this.#cursors[stream] = { offset: next, ...place };
    return next;
  }

  #find(segments: readonly Segment[], stream: Stream, from: number): Omit<Cursor, 'offset'> {
    const cursor = this.#cursors[stream];
    if (cursor?.offset === from && segments.includes(cursor.segment)) return cursor;
    const segment = findSegment(segments, stream, from);
    const { position, first } = segment.find(stream, from);
    return { segment, position, next: first };
  }

  /** Reads on in a segment until `enough` or its end; returns where to go on. */
  #readSegment(
    segments: readonly Segment[],
    { segment, position, next: start }: Omit<Cursor, 'offset'>,
    window: Uint8Array,
    visit: (stream: Stream, offset: number, bytes: Uint8Array) => void,
    enough: () => boolean,
  ): Omit<Cursor, 'offset'> {
    const { header, path } = segment;
    const seed = frameSeed(this.#logId, this.#partition, header.sequence);
    const file = withIo('open', path, () => this.#disk.open(path));
    try {
      const scanner = new FrameScanner(file, seed, position, header.segmentBytes, window);
      let next = start;
      while (withIo('read', path, () => scanner.next())) {
        if (!samePosition(scanner.first, next)) {
          throw damaged(path, scanner.position, `frame ${next.frame} belongs here`);
        }
        segment.note(scanner.position, scanner.first);
        const after = scanner.visit(visit);
        if (!after) throw damaged(path, scanner.position, 'the records do not fill the frame');
        next = after;
        if (enough()) return { segment, position: scanner.position + scanner.size, next };
      }
      const following = segments[segments.indexOf(segment) + 1];
      if (!following || !samePosition(following.header, next)) {
        throw damaged(path, scanner.position, `frame ${next.frame} is missing: ${scanner.reason}`);
      }
      return { segment: following, position: following.start.position, next };
    } finally {
      file.close();
    }
  }
}

import type { Stream } from '../log.ts';
import { type JournalPosition, type SegmentHeader, segmentHeaderBytes } from './journal-format.ts';

/** An index entry for about every mebibyte of a segment: 32 bytes of memory per mebibyte of log. */
const indexStepBytes = 1 << 20;

/** Where a frame starts. */
export interface FramePlace {
  readonly position: number;
  readonly first: JournalPosition;
}

/** A segment as it crosses between threads. */
export interface SegmentState {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly index: readonly FramePlace[];
}

/** A segment file: what its header says, and a sparse index that grows as it is written or read. */
export class Segment {
  readonly path: string;
  readonly header: SegmentHeader;
  /** Of its file, for whoever writes the log; nobody else counts them. */
  fileBytes = 0;
  readonly #index: FramePlace[];

  constructor(path: string, header: SegmentHeader, index?: readonly FramePlace[]) {
    this.path = path;
    this.header = header;
    this.#index = index ? [...index] : [{ position: segmentHeaderBytes, first: header }];
  }

  get state(): SegmentState {
    const { path, header } = this;
    return { path, header, index: this.#index };
  }

  /** Where the first frame is. */
  get start(): FramePlace {
    return this.#index[0]!;
  }

  /** Notes a frame seen while going through the segment in order. */
  note(position: number, first: JournalPosition): void {
    if (position < this.#index.at(-1)!.position + indexStepBytes) return;
    this.#index.push({ position, first });
  }

  /** The last indexed frame that starts at or before `offset`. */
  find(stream: Stream, offset: number): FramePlace {
    return lastNotAbove(this.#index, (place) => place.first[stream], offset);
  }
}

/** The segment that holds `offset`, or would. */
export function findSegment(segments: readonly Segment[], stream: Stream, offset: number): Segment {
  return lastNotAbove(segments, (segment) => segment.header[stream], offset);
}

/** Binary search: the last item whose key is not above `target`; the first item when all are. */
function lastNotAbove<T>(items: readonly T[], key: (item: T) => number, target: number): T {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (key(items[middle]!) <= target) low = middle;
    else high = middle - 1;
  }
  return items[low]!;
}

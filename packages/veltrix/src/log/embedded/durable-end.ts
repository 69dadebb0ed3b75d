import type { Disk } from '../../storage/disk.ts';
import { FrameScanner } from './frame-scanner.ts';
import { damaged, withIo } from './journal-errors.ts';
import { frameSeed, type JournalPosition, segmentHeaderBytes } from './journal-format.ts';
import { samePosition, scanRemains } from './recovery.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

interface FrameEnd {
  readonly segment: Segment;
  readonly position: number;
  readonly next: JournalPosition;
}

/** The place where a walk over the frames ended. */
interface Gap {
  readonly segment: Segment;
  readonly position: number;
  /** Number of the frame that is not there. */
  readonly frame: number;
  readonly reason: string;
  /** There is a whole frame, but another one. */
  readonly isForeign: boolean;
}

/** How far a partition's journal is known to be durable, by what its frames say of those before them. */
export class DurableEnd {
  /** Everything before this is durable. */
  next: JournalPosition = { frame: 0, commands: 1, events: 1 };
  /** Everything before this was whole in the files at the last `advance`, durable or not yet known to be. */
  written: JournalPosition = { frame: 0, commands: 1, events: 1 };
  readonly #disk: Disk;
  readonly #list: SegmentList;
  readonly #logId: string;
  readonly #partition: number;
  /** Where the search goes on. Never beyond what is durable: a recovery may cut the rest. */
  #tail: FrameEnd | undefined;

  constructor(disk: Disk, list: SegmentList, logId: string, partition: number) {
    this.#disk = disk;
    this.#list = list;
    this.#logId = logId;
    this.#partition = partition;
  }

  /**
   * Goes on to the last whole frame. A frame that is not whole may be just being written, or was torn
   * by a crash; it is `veltrix-log-damaged` when it is still so after another frame said that it had
   * become durable. Whatever could be known to be damaged when this was called is reported.
   */
  advance(): void {
    const gap = this.#walk();
    if (!gap) return;
    const durableFrames = gap.isForeign ? gap.frame + 1 : this.#durableBehind(gap);
    if (durableFrames <= gap.frame) return;
    this.#list.refresh();
    const again = this.#walk();
    if (!again || again.frame >= durableFrames) return;
    const { segment, position, frame, reason } = again;
    throw damaged(segment.path, position, `frame ${frame} was durable, but ${reason}`);
  }

  /** Takes from each frame what it says of those before it. */
  #walk(): Gap | undefined {
    const segment = this.#list.segments.at(-1);
    if (!segment) return undefined;
    if (this.#tail?.segment !== segment) {
      // A segment is begun only when everything before it is durable.
      this.next = segment.header;
      this.#tail = { segment, position: segment.start.position, next: segment.header };
    }
    const { header, path } = segment;
    const unproven: FrameEnd[] = [];
    let { position, next } = this.#tail;
    this.written = next;
    const file = withIo('open', path, () => this.#disk.open(path));
    try {
      const scanner = new FrameScanner(file, this.#seed(segment), position, header.segmentBytes);
      while (withIo('read', path, () => scanner.next())) {
        const { first } = scanner;
        const after = samePosition(first, next) ? scanner.visit() : undefined;
        if (!after) {
          const reason = `frame ${first.frame} with other offsets or records is in its place`;
          return { segment, position, frame: next.frame, reason, isForeign: true };
        }
        position = scanner.position + scanner.size;
        next = after;
        this.written = next;
        unproven.push({ segment, position, next });
        while (unproven[0] && unproven[0].next.frame <= scanner.durableFrames) {
          this.#tail = unproven.shift()!;
          this.next = this.#tail.next;
          segment.note(this.#tail.position, this.next);
        }
      }
      return { segment, position, frame: next.frame, reason: scanner.reason, isForeign: false };
    } finally {
      file.close();
    }
  }

  #seed({ header }: Segment): number {
    return frameSeed(this.#logId, this.#partition, header.sequence);
  }

  /** The most that whole frames behind the gap, also in blank files, say of durability. */
  #durableBehind({ segment, position }: Gap): number {
    let most = this.#scan(segment.path, this.#seed(segment), position);
    for (const { path, sequence } of this.#list.blanks) {
      const seed = frameSeed(this.#logId, this.#partition, sequence);
      most = Math.max(most, this.#scan(path, seed, segmentHeaderBytes));
    }
    return most;
  }

  #scan(path: string, seed: number, from: number): number {
    return withIo('read', path, () => {
      const file = this.#disk.open(path);
      try {
        return scanRemains(file, seed, from).durableFrames;
      } finally {
        file.close();
      }
    });
  }
}

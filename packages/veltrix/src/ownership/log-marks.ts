/** A place in a partition of a shared log, and what was decided before it. */
export interface LogMark {
  /** Events below it are before the mark. */
  readonly eventOffset: number;
  /** Last command that they decided; -1 before the first. */
  readonly decidedOffset: number;
  /** Bytes of events that were read up to it, from the first mark on. */
  readonly bytes: number;
}

const marksMax = 1_024;
/** At first; twice as far apart each time that there are too many. */
const firstEveryBytes = 256 << 10;

/** Where a log may be cut: places that were passed while its events were read, a bounded number of them. */
export class LogMarks {
  #marks: LogMark[];
  #last: LogMark;
  #everyBytes = firstEveryBytes;

  constructor(eventOffset: number, decidedOffset: number) {
    this.#last = { eventOffset, decidedOffset, bytes: 0 };
    this.#marks = [this.#last];
  }

  /** An event of so many bytes was read; `eventOffset` is above it. */
  passed(eventOffset: number, decidedOffset: number, bytes: number): void {
    this.#last = { eventOffset, decidedOffset, bytes: this.#last.bytes + bytes };
    if (this.#last.bytes - this.#marks.at(-1)!.bytes < this.#everyBytes) return;
    this.#marks.push(this.#last);
    if (this.#marks.length <= marksMax) return;
    this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
    this.#everyBytes *= 2;
  }

  /** The last mark at or below an offset that has so many bytes behind it; undefined when there is none. */
  cut(atMost: number, keepBytes: number): LogMark | undefined {
    const { bytes } = this.#last;
    return this.#marks.findLast(
      (mark) => mark.eventOffset <= atMost && bytes - mark.bytes >= keepBytes,
    );
  }
}

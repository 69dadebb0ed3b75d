import { align8 } from '../../records/growing-buffer.ts';
import { crc32c } from '../../storage/crc32c.ts';
import type { DiskFile } from '../../storage/disk.ts';
import type { Stream } from '../log.ts';
import {
  frameHeaderBytes,
  frameMagic,
  type JournalPosition,
  readU64,
  recordHeaderBytes,
  recordSpan,
  streamNumber,
} from './journal-format.ts';

/** Bytes read at a time. A larger frame gets a larger buffer for as long as it is looked at. */
export const windowBytes = 1 << 20;

export type RecordAt = (stream: Stream, offset: number, bytes: Uint8Array) => void;

/**
 * Walks over the frames of one segment file through a window. `next` moves to the frame at
 * `position + size` and says whether there is a whole one with a good checksum.
 */
export class FrameScanner {
  /** Position of the current frame in the file, and its size. */
  position: number;
  size = 0;
  first: JournalPosition = { frame: 0, commands: 0, events: 0 };
  durableFrames = 0;
  records = 0;
  /** Why there is no frame at `position`; set when `next` returned false. */
  reason = '';
  readonly #file: DiskFile;
  readonly #seed: number;
  readonly #limit: number;
  #window: Uint8Array;
  #view: DataView;
  #windowStart = 0;
  #windowLength = 0;

  /**
   * @param position where the first frame starts, a multiple of 8
   * @param limit no frame reaches beyond this position
   * @param window reused memory of at least `windowBytes`
   */
  constructor(
    file: DiskFile,
    seed: number,
    position: number,
    limit: number,
    window: Uint8Array = new Uint8Array(Math.min(windowBytes, limit)),
  ) {
    this.#file = file;
    this.#seed = seed;
    this.position = position;
    this.#limit = limit;
    this.#window = window;
    this.#view = viewOf(window);
  }

  next(): boolean {
    this.position += this.size;
    this.size = 0;
    return this.#inspect();
  }

  /** Looks at another place; `next` then inspects it. */
  moveTo(position: number): void {
    this.position = position;
    this.size = 0;
  }

  #inspect(): boolean {
    if (!this.#load(frameHeaderBytes)) return this.#none('the file ends');
    let at = this.position - this.#windowStart;
    if (this.#view.getUint32(at, true) !== frameMagic) return this.#none('no frame starts here');
    const size = this.#view.getUint32(at + 8, true);
    if (size < frameHeaderBytes || size % 8 !== 0) return this.#none(`a frame has size ${size}`);
    if (!this.#load(size)) return this.#none(`a frame of ${size} bytes is cut short`);
    at = this.position - this.#windowStart;
    const found = crc32c(this.#window.subarray(at + 8, at + size), this.#seed);
    if (this.#view.getUint32(at + 4, true) !== found) return this.#none('the checksum differs');
    this.size = size;
    this.records = this.#view.getUint32(at + 12, true);
    this.durableFrames = readU64(this.#view, at + 24);
    this.first = {
      frame: readU64(this.#view, at + 16),
      commands: readU64(this.#view, at + 32),
      events: readU64(this.#view, at + 40),
    };
    return true;
  }

  #none(reason: string): false {
    this.reason = reason;
    return false;
  }

  /** Brings `count` bytes from `position` on into the window; false when the segment has fewer. */
  #load(count: number): boolean {
    if (this.position + count > this.#limit) return false;
    const from = this.position - this.#windowStart;
    if (from >= 0 && from + count <= this.#windowLength) return true;
    if (count > this.#window.length) {
      this.#window = new Uint8Array(align8(count));
      this.#view = viewOf(this.#window);
    }
    const wanted = Math.min(this.#window.length, this.#limit - this.position);
    this.#windowStart = this.position;
    this.#windowLength = this.#file.read(this.position, this.#window.subarray(0, wanted));
    return count <= this.#windowLength;
  }

  /**
   * Visits the current frame's records; the bytes are borrowed until the next call of `next`. Returns
   * where the frame after this one begins, or undefined when the records do not fill the frame.
   */
  visit(visit?: RecordAt): JournalPosition | undefined {
    const window = this.#window;
    const view = this.#view;
    let at = this.position - this.#windowStart + frameHeaderBytes;
    const end = at + this.size - frameHeaderBytes;
    let { commands, events } = this.first;
    for (let left = this.records; left > 0; left--) {
      if (at + recordHeaderBytes > end) return undefined;
      const size = view.getUint32(at, true);
      const stream = view.getUint32(at + 4, true);
      if (recordSpan(size) > end - at || stream > streamNumber.events) return undefined;
      const offset = stream === streamNumber.commands ? commands++ : events++;
      if (visit) {
        const bytes = window.subarray(at + recordHeaderBytes, at + recordHeaderBytes + size);
        visit(stream === streamNumber.commands ? 'commands' : 'events', offset, bytes);
      }
      at += recordSpan(size);
    }
    return at === end ? { frame: this.first.frame + 1, commands, events } : undefined;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

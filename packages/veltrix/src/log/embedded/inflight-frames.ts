import type { Stream } from '../log.ts';
import { FrameBuffer, type OnDurable } from './frame-buffer.ts';
import { frameHeaderBytes, type JournalPosition, recordSpan } from './journal-format.ts';

/** Frame buffers kept for reuse, and how large they may be. */
const spareFrames = 16;
const spareFrameBytes = 512 * 1024;

/**
 * What was appended to a partition and is not durable yet: records gathered into frames, in order, of which the first
 * are being written and synced. It knows where each stream ends, gathered and durable; nothing here touches a disk.
 */
export class InflightFrames {
  readonly #frameBytes: number;
  readonly #next: { frame: number; commands: number; events: number };
  #durable: JournalPosition;
  /** Not yet written, oldest first; the last one takes the next record. */
  readonly #gathering: FrameBuffer[] = [];
  #syncing: FrameBuffer[] = [];
  readonly #spare: FrameBuffer[] = [];
  #bytes = 0;
  /** By the monotonic clock: nothing in flight was appended before. */
  #since = 0;

  /** Goes on at `next`, before which everything is durable, with frames of at most `frameBytes` bytes or one record. */
  constructor(next: JournalPosition, frameBytes: number) {
    this.#next = { ...next };
    this.#durable = next;
    this.#frameBytes = frameBytes;
  }

  /** Of the records, as they lie in frames. */
  get bytes(): number {
    return this.#bytes;
  }

  get oldestMs(): number {
    return this.#bytes === 0 ? 0 : performance.now() - this.#since;
  }

  /** Where the record that is appended next will be. */
  get next(): JournalPosition {
    return this.#next;
  }

  /** Everything before it is durable. */
  get durable(): JournalPosition {
    return this.#durable;
  }

  /** The oldest frame that is not being synced. */
  get oldest(): FrameBuffer | undefined {
    return this.#gathering[0];
  }

  get isSyncing(): boolean {
    return this.#syncing.length > 0;
  }

  /** Returns the offset. */
  add(stream: Stream, record: Uint8Array, onDurable: OnDurable): number {
    const span = recordSpan(record.length);
    let frame = this.#gathering.at(-1);
    if (!frame || frame.length + span > this.#frameBytes) {
      frame = this.#begin(this.#spare.pop() ?? new FrameBuffer());
      this.#gathering.push(frame);
    }
    frame.add(stream, record, onDurable);
    if (this.#bytes === 0) this.#since = performance.now();
    this.#bytes += span;
    return this.#next[stream]++;
  }

  /** A frame without records behind all others, to be written at once. */
  addEmpty(): FrameBuffer {
    return this.#begin(new FrameBuffer());
  }

  #begin(frame: FrameBuffer): FrameBuffer {
    frame.reset({ ...this.#next });
    this.#next.frame += 1;
    return frame;
  }

  /** The oldest is being written from now on. */
  take(): void {
    this.#syncing.push(this.#gathering.shift()!);
  }

  /** What was being synced is durable; returns it. What is left came after `since`, by the monotonic clock. */
  settle(since: number): readonly FrameBuffer[] {
    const frames = this.#syncing;
    this.#syncing = [];
    this.#durable = { ...(this.#gathering[0]?.first ?? this.#next) };
    for (const frame of frames) this.#bytes -= frame.length - frameHeaderBytes;
    this.#since = since;
    return frames;
  }

  /** Forgets what is not durable, and returns it. */
  drop(): readonly FrameBuffer[] {
    const frames = [...this.#syncing, ...this.#gathering];
    this.#syncing = [];
    this.#gathering.length = 0;
    this.#bytes = 0;
    return frames;
  }

  /** Takes back a frame that nobody looks at any more. */
  reuse(frame: FrameBuffer): void {
    if (this.#spare.length < spareFrames && frame.bytes.length <= spareFrameBytes) {
      this.#spare.push(frame);
    }
  }
}

import { crc32c } from '../../storage/crc32c.ts';
import type { Stream } from '../log.ts';
import {
  frameHeaderBytes,
  frameMagic,
  type JournalPosition,
  recordHeaderBytes,
  recordSpan,
  streamNumber,
  writeU64,
} from './journal-format.ts';

export type OnDurable = ((error?: Error) => void) | undefined;

const initialBytes = 65_536;

/** A frame being gathered: records are copied in until it is sealed and written. Reused. */
export class FrameBuffer {
  bytes = new Uint8Array(initialBytes);
  view = new DataView(this.bytes.buffer);
  length = frameHeaderBytes;
  first: JournalPosition = { frame: 0, commands: 0, events: 0 };
  readonly counts = { commands: 0, events: 0 };
  /** By record, in append order. */
  readonly callbacks: OnDurable[] = [];

  reset(first: JournalPosition): void {
    this.length = frameHeaderBytes;
    this.first = first;
    this.counts.commands = 0;
    this.counts.events = 0;
    this.callbacks.length = 0;
  }

  get records(): number {
    return this.counts.commands + this.counts.events;
  }

  add(stream: Stream, record: Uint8Array, onDurable: OnDurable): void {
    const start = this.length;
    const end = start + recordSpan(record.length);
    if (end > this.bytes.length) this.#grow(end);
    const { view, bytes } = this;
    view.setUint32(start, record.length, true);
    view.setUint32(start + 4, streamNumber[stream], true);
    bytes.set(record, start + recordHeaderBytes);
    bytes.fill(0, start + recordHeaderBytes + record.length, end);
    this.length = end;
    this.counts[stream] += 1;
    this.callbacks.push(onDurable);
  }

  /** Visits the records as they lie in the buffer, with their callbacks. */
  visit(
    visit: (stream: Stream, offset: number, bytes: Uint8Array, onDurable: OnDurable) => void,
  ): void {
    let { commands, events } = this.first;
    let at = frameHeaderBytes;
    for (const onDurable of this.callbacks) {
      const size = this.view.getUint32(at, true);
      const isCommand = this.bytes[at + 4] === streamNumber.commands;
      const bytes = this.bytes.subarray(at + recordHeaderBytes, at + recordHeaderBytes + size);
      if (isCommand) visit('commands', commands++, bytes, onDurable);
      else visit('events', events++, bytes, onDurable);
      at += recordSpan(size);
    }
  }

  #grow(atLeast: number): void {
    const grown = new Uint8Array(Math.max(atLeast, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Fills in the header and returns the frame's bytes, borrowed until `reset`. */
  seal(seed: number, durableFrames: number): Uint8Array {
    const { view, first } = this;
    view.setUint32(0, frameMagic, true);
    view.setUint32(8, this.length, true);
    view.setUint32(12, this.records, true);
    writeU64(view, 16, first.frame);
    writeU64(view, 24, durableFrames);
    writeU64(view, 32, first.commands);
    writeU64(view, 40, first.events);
    const frame = this.bytes.subarray(0, this.length);
    view.setUint32(4, crc32c(frame.subarray(8), seed), true);
    return frame;
  }
}

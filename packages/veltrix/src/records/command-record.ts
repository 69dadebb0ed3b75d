import { align8, GrowingBuffer } from './growing-buffer.ts';
import {
  readTraceContext,
  type TraceContext,
  traceContextBytes,
  tracedIndex,
  writeTraceContext,
} from './trace-context.ts';

/*
 * A command record: what one sender asks of one partition, many commands at a time.
 * The layout is part of docs/log-format.md; all numbers little endian, all parts 8-aligned.
 *
 *   header (24 bytes)                      command (32 bytes + payload)
 *    0 u8  format version (1 or 2)          0 u32 size of the whole command, a multiple of 8
 *    1 u8  kind (1 = commands)              4 u16 type
 *    2 u16 number of trace contexts         6 u16 flags
 *    4 u32 number of commands               8 f64 received at, ms since the epoch
 *    8 u32 origin: who sent it             16 16 bytes command id
 *   12 u32 origin batch: their number      32 payload, zero padded to a multiple of 8
 *   16 f64 sent at, ms since the epoch
 *
 * In version 2 trace contexts follow the last command, at least one, by the index of their command; see
 * trace-context.ts. A record without one is of version 1.
 */
export const commandRecordHeaderBytes = 24;
const commandHeaderBytes = 32;
export const recordFormatVersion = 1;
const tracedRecordVersion = 2;
const commandRecordKind = 1;

/** Of one record. Commands above that many go untraced. */
const tracesMax = 1_024;

/** Command types below this are the platform's own. */
export const firstApplicationType = 0x100;

/** Whether commands of the record belong to traces; the record was checked before. */
export function hasTraces(record: Uint8Array): boolean {
  return record[0] === tracedRecordVersion;
}

/** A command read in place; one object is reused for all commands of all records. */
export class CommandView {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  type = 0;
  flags = 0;
  /** Milliseconds since the epoch, as the gateway stamped it (or a recording client stated it). */
  receivedAt = 0;
  /** Where the 16 bytes of the command id start in `bytes`. */
  idStart = 0;
  payloadStart = 0;
  payloadEnd = 0;
}

/** Builds one command record. Reused: `reset` starts the next. */
export class CommandRecordBuilder {
  readonly buffer: GrowingBuffer;
  count = 0;
  readonly #traces: { readonly index: number; readonly context: TraceContext }[] = [];

  constructor(initialBytes?: number) {
    this.buffer = new GrowingBuffer(initialBytes);
    this.buffer.reserve(commandRecordHeaderBytes);
  }

  /** What `finish` returned last stays as it is until the next `add`. */
  reset(): void {
    // The header is written whole each time.
    this.buffer.length = commandRecordHeaderBytes;
    this.count = 0;
    if (this.#traces.length > 0) this.#traces.length = 0;
  }

  /** Adds a command and returns where its zeroed payload starts in `buffer`; the caller writes payload and id. */
  add(type: number, flags: number, receivedAt: number, payloadBytes: number): number {
    const size = commandHeaderBytes + align8(payloadBytes);
    const start = this.buffer.reserve(size);
    const view = this.buffer.view;
    view.setUint32(start, size, true);
    view.setUint16(start + 4, type, true);
    view.setUint16(start + 6, flags, true);
    view.setFloat64(start + 8, receivedAt, true);
    this.count += 1;
    return start + commandHeaderBytes;
  }

  /** Says which trace the command belongs to that was added last. */
  trace(context: TraceContext): void {
    if (this.#traces.length < tracesMax) this.#traces.push({ index: this.count - 1, context });
  }

  /** Where the id of the command with this payload start goes. */
  static idStart(payloadStart: number): number {
    return payloadStart - 16;
  }

  /** Completes the header. The bytes are borrowed until the next `add`. */
  finish(origin: number, originBatch: number, sentAt: number): Uint8Array {
    const traced = this.#traces.length;
    for (const { index, context } of this.#traces) {
      const start = this.buffer.reserve(traceContextBytes);
      writeTraceContext(this.buffer.view, start, index, context);
    }
    const view = this.buffer.view;
    view.setUint8(0, traced > 0 ? tracedRecordVersion : recordFormatVersion);
    view.setUint8(1, commandRecordKind);
    view.setUint16(2, traced, true);
    view.setUint32(4, this.count, true);
    view.setUint32(8, origin, true);
    view.setUint32(12, originBatch, true);
    view.setFloat64(16, sentAt, true);
    return this.buffer.written();
  }
}

/** Reads command records in place. Every length is checked before it is believed. */
export class CommandRecordReader {
  readonly command = new CommandView();
  count = 0;
  origin = 0;
  originBatch = 0;
  sentAt = 0;
  /** Commands of the record that belong to traces. */
  traceCount = 0;
  #tracesStart = 0;
  #position = 0;
  #read = 0;

  /** Starts on a record; returns why it cannot be read, or undefined. */
  open(bytes: Uint8Array): string | undefined {
    if (bytes.length < commandRecordHeaderBytes) return `only ${bytes.length} bytes`;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = view.getUint8(0);
    const isTraced = version === tracedRecordVersion;
    if (version !== recordFormatVersion && !isTraced) return `format version ${version}`;
    if (view.getUint8(1) !== commandRecordKind) return `kind ${view.getUint8(1)}`;
    this.command.bytes = bytes;
    this.command.view = view;
    this.traceCount = isTraced ? view.getUint16(2, true) : 0;
    if (isTraced && this.traceCount === 0) return 'no trace contexts';
    this.count = view.getUint32(4, true);
    this.origin = view.getUint32(8, true);
    this.originBatch = view.getUint32(12, true);
    this.sentAt = view.getFloat64(16, true);
    this.#position = commandRecordHeaderBytes;
    this.#read = 0;
    return this.#check();
  }

  /** Walks the sizes once so that `next` never has to fail halfway through a batch. */
  #check(): string | undefined {
    const { view, bytes } = this.command;
    let position = commandRecordHeaderBytes;
    for (let index = 0; index < this.count; index++) {
      if (position + commandHeaderBytes > bytes.length) return `command ${index} is cut short`;
      const size = view.getUint32(position, true);
      if (size < commandHeaderBytes || size % 8 !== 0) return `command ${index} has size ${size}`;
      position += size;
    }
    if (position > bytes.length) return 'the last command is cut short';
    this.#tracesStart = position;
    const end = position + this.traceCount * traceContextBytes;
    if (end > bytes.length) return 'the trace contexts are cut short';
    if (end < bytes.length) return `${bytes.length - end} bytes follow the last command`;
    return this.traceCount > 0 ? this.#checkTraces(end) : undefined;
  }

  #checkTraces(end: number): string | undefined {
    let least = 0;
    for (let start = this.#tracesStart; start < end; start += traceContextBytes) {
      const index = tracedIndex(this.command.view, start);
      if (index < least || index >= this.count) return `a trace context of command ${index}`;
      least = index + 1;
    }
    return undefined;
  }

  /** Of the command at hand, counted from 0; -1 before the first. */
  get index(): number {
    return this.#read - 1;
  }

  /** The trace that the command at hand belongs to. */
  trace(): TraceContext | undefined {
    const { view } = this.command;
    for (let trace = 0; trace < this.traceCount; trace++) {
      const start = this.#tracesStart + trace * traceContextBytes;
      if (tracedIndex(view, start) === this.index) return readTraceContext(view, start);
    }
    return undefined;
  }

  /** Moves `command` to the next one; false after the last. */
  next(): boolean {
    if (this.#read === this.count) return false;
    const command = this.command;
    const { view } = command;
    const start = this.#position;
    command.type = view.getUint16(start + 4, true);
    command.flags = view.getUint16(start + 6, true);
    command.receivedAt = view.getFloat64(start + 8, true);
    command.idStart = start + 16;
    command.payloadStart = start + commandHeaderBytes;
    this.#position = start + view.getUint32(start, true);
    command.payloadEnd = this.#position;
    this.#read += 1;
    return true;
  }
}

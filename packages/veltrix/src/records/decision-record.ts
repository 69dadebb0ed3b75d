import { recordFormatVersion } from './command-record.ts';

/*
 * A decision record: what a processor decided about all commands of one command record. One record,
 * so that a crash never leaves half a batch decided. Part of docs/log-format.md; little endian, 8-aligned.
 *
 *   header (32 bytes)                      decision (48 bytes + events)
 *    0 u8  format version (1)               0 u32 size of the decision with its events
 *    1 u8  kind (2 = decisions)             4 u8  status (0 accepted, 1 rejected, 2 repeated, 3 failed)
 *    2 u16 decisions with a trace            5 u8  status of the first decision when repeated, else 0
 *    4 u32 number of decisions              6 u16 number of events
 *    8 u32 epoch of the owner               8 u16 type of the command
 *   12 u32 origin of the command record    10 u16 outcome code (the application's)
 *   16 u32 origin batch                    12 u32 content hash of the command
 *   20 u32 sequence: number among the       16 f64 received at, copied from the command
 *          owner's decision records
 *   24 u64 offset of the command record    24 16 bytes command id
 *                                          40 i32 first outcome value, 44 i32 second
 *   event (8 bytes + payload)
 *    0 u32 size, a multiple of 8   4 u16 type   6 u16 version
 */
export const decisionRecordHeaderBytes = 32;
export const decisionHeaderBytes = 48;
export const eventHeaderBytes = 8;
export const decisionRecordKind = 2;

/** Whether events of the record tell of traces; the record was checked before. */
export function hasTracedDecisions(record: Uint8Array): boolean {
  return record[1] === decisionRecordKind && (record[2] !== 0 || record[3] !== 0);
}

export const decisionStatus = { accepted: 0, rejected: 1, repeated: 2, failed: 3 } as const;
export type DecisionStatus = (typeof decisionStatus)[keyof typeof decisionStatus];

/** An event read in place: of its reader, and another one after `nextEvent`, `next` or `open`. */
export class EventView {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  type = 0;
  version = 0;
  payloadStart = 0;
  payloadEnd = 0;
  /** Of the command that caused it. */
  receivedAt = 0;
  /** Where the 16 bytes of the causing command's id start in `bytes`. */
  commandIdStart = 0;
}

/** A decision read in place: of its reader, and another one after `next` or `open`. */
export class DecisionView {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  index = 0;
  status: DecisionStatus = 0;
  /** Of the decision that a repeated one repeats; otherwise 0. */
  firstStatus: DecisionStatus = 0;
  eventCount = 0;
  commandType = 0;
  code = 0;
  contentHash = 0;
  receivedAt = 0;
  idStart = 0;
  a = 0;
  b = 0;
  eventsStart = 0;
  end = 0;
}

/** Reads decision records in place: `open`, then `next` for each decision, `nextEvent` for each of its events. */
export class DecisionRecordReader {
  readonly decision = new DecisionView();
  readonly event = new EventView();
  count = 0;
  /** Decisions whose events tell of a trace; in a part of a record, those of the whole. */
  tracedCount = 0;
  epoch = 0;
  origin = 0;
  originBatch = 0;
  /** Number among the decision records of its owner, from 1; 0 where one process has the log to itself. */
  sequence = 0;
  commandOffset = 0;
  #position = 0;
  #eventPosition = 0;
  #eventsLeft = 0;

  /** Starts on a record; returns why it cannot be read, or undefined. Sizes are checked here, once. */
  open(bytes: Uint8Array): string | undefined {
    if (bytes.length < decisionRecordHeaderBytes) return `only ${bytes.length} bytes`;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = view.getUint8(0);
    if (version !== recordFormatVersion) return `format version ${version}`;
    if (view.getUint8(1) !== decisionRecordKind) return `kind ${view.getUint8(1)}`;
    this.tracedCount = view.getUint16(2, true);
    this.count = view.getUint32(4, true);
    this.epoch = view.getUint32(8, true);
    this.origin = view.getUint32(12, true);
    this.originBatch = view.getUint32(16, true);
    this.sequence = view.getUint32(20, true);
    this.commandOffset = Number(view.getBigUint64(24, true));
    this.decision.bytes = bytes;
    this.decision.view = view;
    this.decision.index = -1;
    this.event.bytes = bytes;
    this.event.view = view;
    this.#position = decisionRecordHeaderBytes;
    return this.#check(bytes.length);
  }

  #check(length: number): string | undefined {
    const { view } = this.decision;
    let position = decisionRecordHeaderBytes;
    for (let index = 0; index < this.count; index++) {
      if (position + decisionHeaderBytes > length) return `decision ${index} is cut short`;
      const end = position + view.getUint32(position, true);
      if (end > length) return `decision ${index} is cut short`;
      let event = position + decisionHeaderBytes;
      for (let left = view.getUint16(position + 6, true); left > 0; left--) {
        if (event + eventHeaderBytes > end) return `an event of decision ${index} is cut short`;
        const size = view.getUint32(event, true);
        if (size < eventHeaderBytes || size % 8 !== 0)
          return `an event of decision ${index} has size ${size}`;
        event += size;
      }
      if (event !== end) return `the events of decision ${index} do not fill it`;
      position = end;
    }
    return position === length ? undefined : `${length - position} bytes follow the last decision`;
  }

  next(): boolean {
    const decision = this.decision;
    if (decision.index + 1 >= this.count) return false;
    const { view } = decision;
    const start = this.#position;
    decision.index += 1;
    decision.status = view.getUint8(start + 4) as DecisionStatus;
    decision.firstStatus = view.getUint8(start + 5) as DecisionStatus;
    decision.eventCount = view.getUint16(start + 6, true);
    decision.commandType = view.getUint16(start + 8, true);
    decision.code = view.getUint16(start + 10, true);
    decision.contentHash = view.getUint32(start + 12, true);
    decision.receivedAt = view.getFloat64(start + 16, true);
    decision.idStart = start + 24;
    decision.a = view.getInt32(start + 40, true);
    decision.b = view.getInt32(start + 44, true);
    decision.eventsStart = start + decisionHeaderBytes;
    decision.end = start + view.getUint32(start, true);
    this.#position = decision.end;
    this.#eventPosition = decision.eventsStart;
    this.#eventsLeft = decision.eventCount;
    this.event.receivedAt = decision.receivedAt;
    this.event.commandIdStart = decision.idStart;
    return true;
  }

  nextEvent(): boolean {
    if (this.#eventsLeft === 0) return false;
    this.#eventsLeft -= 1;
    const event = this.event;
    const start = this.#eventPosition;
    event.type = event.view.getUint16(start + 4, true);
    event.version = event.view.getUint16(start + 6, true);
    event.payloadStart = start + eventHeaderBytes;
    this.#eventPosition = start + event.view.getUint32(start, true);
    event.payloadEnd = this.#eventPosition;
    return true;
  }
}

import { idToHex } from '@hunt/rules';
import {
  DecisionRecordReader,
  decisionRecordHeaderBytes,
  decisionStatus,
  veltrixErrors,
} from 'veltrix';
import type { PlacedRecord } from '../archived-record.ts';
import { commandKey } from '../posting-key.ts';
import { SubjectKeys } from '../subject-keys.ts';
import type { Span } from './placement.ts';
import { PostingSheet } from './posting-sheet.ts';

/** A part ends with the decision that makes it this large: what a query reads to find one event. */
const partBytes = 16 * 1024;

/** A run of decisions of a record, itself a decision record. */
export interface RecordPart {
  readonly offset: number;
  readonly firstDecision: number;
  readonly firstEvent: number;
  readonly bytes: Uint8Array;
}

/** What one append adds to one bucket: parts of records, and what they are found by. */
export class BucketPortion {
  readonly partition: number;
  readonly bucket: number;
  readonly era: number;
  readonly parts: RecordPart[] = [];
  readonly subjects = new PostingSheet();
  readonly commands = new PostingSheet();
  /** Ids of all hunts in it. */
  readonly hunts = new Set<string>();
  readonly #reader = new DecisionRecordReader();
  readonly #keys = new SubjectKeys();
  /** By the key of a hunt: the hunt last seen with it, and the last part that is found by it already. */
  readonly #huntParts = new Map<number, { low: number; high: number; part: number }>();

  constructor(partition: number, bucket: number, era: number) {
    this.partition = partition;
    this.bucket = bucket;
    this.era = era;
  }

  /** Adds a record; returns how many commands and what times it has. Throws `veltrix-record-invalid`. */
  add(record: PlacedRecord): Span & { readonly commands: number } {
    const { offset, bytes } = record;
    const reader = this.#reader;
    const reason = reader.open(bytes);
    if (reason !== undefined) {
      throw veltrixErrors.create('veltrix-record-invalid', { stream: 'events', offset, reason });
    }
    const { decision } = reader;
    const delta = offset - this.bucket;
    let [minAt, maxAt] = [Number.MAX_VALUE, -Number.MAX_VALUE];
    let [start, firstDecision, firstEvent] = [decisionRecordHeaderBytes, 0, 0];
    let events = 0;
    while (reader.next()) {
      minAt = Math.min(minAt, decision.receivedAt);
      maxAt = Math.max(maxAt, decision.receivedAt);
      if (decision.status !== decisionStatus.repeated) {
        this.commands.add(commandKey(decision.view, decision.idStart), delta, firstDecision);
      }
      this.#addEvents(delta, firstDecision);
      events += decision.eventCount;
      if (decision.end - start < partBytes && decision.end < bytes.length) continue;
      const count = decision.index + 1 - firstDecision;
      const part = partOf(bytes, start, decision.end, count);
      this.parts.push({ offset, firstDecision, firstEvent, bytes: part });
      [start, firstDecision, firstEvent] = [decision.end, decision.index + 1, events];
    }
    return { minAt, maxAt, commands: reader.count };
  }

  #addEvents(delta: number, index: number): void {
    const { event } = this.#reader;
    const keys = this.#keys;
    keys.begin();
    while (this.#reader.nextEvent()) {
      if (!keys.read(event)) continue;
      if (keys.isOtherHunt) this.#addHunt(keys, delta, index);
      this.subjects.add(keys.team, delta, index);
      if (keys.treasure !== undefined) this.subjects.add(keys.treasure, delta, index);
    }
  }

  #addHunt(keys: SubjectKeys, delta: number, index: number): void {
    const { hunt, huntLow: low, huntHigh: high } = keys;
    const part = this.parts.length;
    const last = this.#huntParts.get(hunt);
    if (last?.part === part && last.low === low && last.high === high) return;
    this.#huntParts.set(hunt, { low, high, part });
    this.hunts.add(idToHex(low, high));
    this.subjects.add(hunt, delta, index);
  }
}

/** The whole record, or a copy of some of its decisions under the same header with their number. */
function partOf(bytes: Uint8Array, start: number, end: number, count: number): Uint8Array {
  if (start === decisionRecordHeaderBytes && end === bytes.length) return bytes;
  const part = new Uint8Array(decisionRecordHeaderBytes + end - start);
  part.set(bytes.subarray(0, decisionRecordHeaderBytes));
  part.set(bytes.subarray(start, end), decisionRecordHeaderBytes);
  new DataView(part.buffer).setUint32(4, count, true);
  return part;
}

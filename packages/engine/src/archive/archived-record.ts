import { idFromHex, idToHex, subject } from '@hunt/rules';
import { DecisionRecordReader, decisionStatus, type EventView, veltrixErrors } from 'veltrix';
import { isLastWord, isPending } from '../last-word.ts';
import type { ArchivedDecision, ArchivedEvent, EventQuery } from './archive.ts';
import { commandKey } from './posting-key.ts';
import { hasSubject, isAboutTreasure, SubjectKeys } from './subject-keys.ts';

/** A decision record with its place in the log. */
export interface PlacedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Where the bytes are a part of the record: its first decision's place in the record. Default 0. */
  readonly firstDecision?: number;
  /** The place of the part's first event among all of the record. Default 0. */
  readonly firstEvent?: number;
}

/** Takes what a record can be found by. */
interface Postings {
  add(key: number, position: number): void;
}

export interface TimeSpan {
  minAt: number;
  maxAt: number;
}

/** Reads archived records; one object is reused for all of them. */
export class ArchivedRecords {
  readonly #reader = new DecisionRecordReader();
  readonly #keys = new SubjectKeys();

  /**
   * Adds what the record can be found by, with its position, and widens `span` by its times. Repeated
   * decisions are not found by command id: the first one is what was decided. Throws
   * `veltrix-record-invalid`.
   */
  collect(record: PlacedRecord, position: number, postings: Postings, span: TimeSpan): void {
    const reader = this.#open(record);
    const { decision, event } = reader;
    const keys = this.#keys;
    keys.begin();
    while (reader.next()) {
      if (decision.receivedAt < span.minAt) span.minAt = decision.receivedAt;
      if (decision.receivedAt > span.maxAt) span.maxAt = decision.receivedAt;
      if (decision.status !== decisionStatus.repeated) {
        postings.add(commandKey(decision.view, decision.idStart), position);
      }
      while (reader.nextEvent()) {
        if (!keys.read(event)) continue;
        if (keys.isOtherHunt) postings.add(keys.hunt, position);
        postings.add(keys.team, position);
        if (keys.treasure !== undefined) postings.add(keys.treasure, position);
      }
    }
  }

  /** Adds the events of the record that match to `found`, at most up to the query's limit. */
  match(record: PlacedRecord, query: EventQuery, found: ArchivedEvent[]): void {
    const reader = this.#open(record);
    const { partition, offset } = record;
    const { after } = query;
    const sameRecord = after?.partition === partition && after.offset === offset;
    const firstIndex = sameRecord ? after.index + 1 : 0;
    const wanted = new WantedEvents(query);
    let index = record.firstEvent ?? 0;
    while (reader.next()) {
      while (reader.nextEvent()) {
        if (index >= firstIndex && wanted.include(reader.event)) {
          found.push(archivedEvent(record, index, reader.event));
          if (found.length >= query.limit) return;
        }
        index += 1;
      }
    }
  }

  /** The first decision about this command in the record, if any: repeats come after it. */
  decision(record: PlacedRecord, commandId: string): ArchivedDecision | undefined {
    const reader = this.#open(record);
    const { decision } = reader;
    while (reader.next()) {
      if (hexIdAt(decision.bytes, decision.idStart) !== commandId) continue;
      const { commandType, status, code, a, b, receivedAt } = decision;
      const index = decision.index + (record.firstDecision ?? 0);
      const { partition, offset } = record;
      const waits = isPending(code) ? this.#whose() : undefined;
      return {
        ...{ partition, offset, index, commandId, commandType, status, code, a, b, receivedAt },
        ...(waits && { waits }),
      };
    }
    return undefined;
  }

  /** What the first event of the decision at hand is about. */
  #whose(): ArchivedDecision['waits'] {
    const { event } = this.#reader;
    while (this.#reader.nextEvent()) if (hasSubject(event)) return whose(event);
    return undefined;
  }

  #open(record: PlacedRecord): DecisionRecordReader {
    const reason = this.#reader.open(record.bytes);
    if (reason === undefined) return this.#reader;
    throw veltrixErrors.create('veltrix-record-invalid', {
      stream: 'events',
      offset: record.offset,
      reason,
    });
  }
}

class WantedEvents {
  readonly #query: EventQuery;
  readonly #hunt;
  readonly #team;

  constructor(query: EventQuery) {
    this.#query = query;
    this.#hunt = idFromHex(query.huntId)!;
    this.#team = query.teamId === undefined ? undefined : idFromHex(query.teamId)!;
  }

  include(event: EventView): boolean {
    if (!hasSubject(event)) return false;
    const { treasure, settles, from, to } = this.#query;
    const { view, payloadStart, receivedAt } = event;
    return (
      subject.huntLow(view, payloadStart) === this.#hunt.low &&
      subject.huntHigh(view, payloadStart) === this.#hunt.high &&
      (this.#team === undefined ||
        (subject.teamLow(view, payloadStart) === this.#team.low &&
          subject.teamHigh(view, payloadStart) === this.#team.high)) &&
      (settles === undefined || settlesCommand(event, settles)) &&
      (treasure === undefined ||
        (isAboutTreasure(event) && subject.item(view, payloadStart) === treasure)) &&
      (from === undefined || receivedAt >= from) &&
      (to === undefined || receivedAt < to)
    );
  }
}

/** Events with a last word have the id of the command that asked in their extra bytes. */
function settlesCommand({ type, bytes, payloadStart }: EventView, commandId: string): boolean {
  return isLastWord(type) && hexIdAt(bytes, subject.extra(payloadStart)) === commandId;
}

function hexIdAt(bytes: Uint8Array, start: number): string {
  return Buffer.from(bytes.subarray(start, start + 16)).toString('hex');
}

function whose({ view, payloadStart }: EventView): { huntId: string; teamId: string } {
  return {
    huntId: idToHex(subject.huntLow(view, payloadStart), subject.huntHigh(view, payloadStart)),
    teamId: idToHex(subject.teamLow(view, payloadStart), subject.teamHigh(view, payloadStart)),
  };
}

function archivedEvent(record: PlacedRecord, index: number, event: EventView): ArchivedEvent {
  const { view, payloadStart } = event;
  return {
    ...whose(event),
    partition: record.partition,
    offset: record.offset,
    index,
    type: event.type,
    version: event.version,
    receivedAt: event.receivedAt,
    item: subject.item(view, payloadStart),
    detail: subject.detail(view, payloadStart),
    value: subject.value(view, payloadStart),
  };
}

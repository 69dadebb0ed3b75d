import {
  eventType,
  idToHex,
  outcome,
  type PublishedHunt,
  subject,
  subjectBytes,
} from '@hunt/rules';
import { type DecisionRecordReader, type EventView, veltrixErrors } from 'veltrix';
import type { HuntUpdate } from './standings-store.ts';
import { TeamDeltas } from './team-deltas.ts';

/** The version of the events this release reads. Others stop the views rather than bend them. */
const knownVersion = 1;
/** Extra bytes of `stepSolved` and `bonusGranted`. */
const scoreBytes = subjectBytes + 16;

/** Bytes that an event about a team needs; types that are not here say nothing about standings. */
const leastBytes: ReadonlyMap<number, number> = new Map<number, number>([
  [eventType.stepSolved, scoreBytes],
  [eventType.bonusGranted, scoreBytes],
  [eventType.answerRejected, subjectBytes],
  [eventType.hintTaken, subjectBytes],
  [eventType.claimSettled, subjectBytes],
  [eventType.collectSettled, subjectBytes],
  [eventType.teamRegistered, subjectBytes],
]);

interface HuntChange {
  readonly huntId: string;
  readonly low: number;
  readonly high: number;
  /** Records below this offset are in the views already. */
  readonly skipBelow: number;
  readonly teams: TeamDeltas;
  solved: number;
  wrong: number;
  granted: number;
  ties: HuntUpdate['ties'];
}

/** What records of one partition, one after the other, change: each hunt and team once. */
export class UpdateBatch {
  readonly partition: number;
  /** Offset of the first record. */
  readonly start: number;
  /** Above the last record. */
  to: number;
  /** Rows of teams in all hunts. */
  rows = 0;
  readonly #hunts = new Map<string, HuntChange>();
  readonly #offsetOf: (huntId: string) => number;
  #last: HuntChange | undefined;

  /** @param offsetOf what each hunt already has of the partition */
  constructor(partition: number, start: number, offsetOf: (huntId: string) => number) {
    this.partition = partition;
    this.start = start;
    this.to = start;
    this.#offsetOf = offsetOf;
  }

  /** Adds a record that `checkRecord` has passed. */
  add(reader: DecisionRecordReader, offset: number): void {
    while (reader.next()) while (reader.nextEvent()) this.#take(reader.event, offset);
    this.to = offset + 1;
  }

  /** The update of each hunt; it goes on from where the hunt is now. */
  updates(): HuntUpdate[] {
    return Array.from(this.#hunts.values(), ({ huntId, skipBelow, teams, ...change }) => ({
      huntId,
      partition: this.partition,
      from: skipBelow,
      to: this.to,
      teams: teams.encoded(),
      solved: change.solved,
      wrong: change.wrong,
      granted: change.granted,
      ties: change.ties,
      mode: '' as const,
    })).filter(({ from, to }) => from < to);
  }

  #take(event: EventView, offset: number): void {
    const { type, view, payloadStart } = event;
    if (type !== eventType.huntPublished && !leastBytes.has(type)) return;
    const hunt = this.#hunt(
      subject.huntLow(view, payloadStart),
      subject.huntHigh(view, payloadStart),
    );
    if (offset < hunt.skipBelow) return;
    if (type === eventType.huntPublished) hunt.ties = tiesOf(event);
    else if (type === eventType.claimSettled) hunt.granted += settledAs(event, outcome.granted);
    else if (type === eventType.collectSettled) hunt.granted += settledAs(event, outcome.collected);
    else this.#takeTeam(hunt, event);
  }

  #takeTeam(hunt: HuntChange, { type, view, payloadStart }: EventView): void {
    const value = subject.value(view, payloadStart);
    if (type === eventType.answerRejected) hunt.wrong += 1;
    // What takes no points says nothing of the team, and may be about one that is not known.
    if (value === 0 && (type === eventType.answerRejected || type === eventType.hintTaken)) return;
    const { teams } = hunt;
    const known = teams.rows;
    const row = teams.row(
      subject.teamLow(view, payloadStart),
      subject.teamHigh(view, payloadStart),
    );
    this.rows += teams.rows - known;
    if (type === eventType.teamRegistered) return teams.registered(row);
    if (type === eventType.answerRejected || type === eventType.hintTaken) {
      return teams.add(row, -value, 0, 0);
    }
    const extra = subject.extra(payloadStart);
    teams.scoredAt(row, view.getFloat64(extra + 8, true));
    if (type === eventType.bonusGranted) return teams.add(row, value, 0, 0);
    teams.add(row, value, view.getInt32(extra, true), 1);
    hunt.solved += 1;
  }

  #hunt(low: number, high: number): HuntChange {
    const last = this.#last;
    if (last !== undefined && last.low === low && last.high === high) return last;
    const huntId = idToHex(low, high);
    let hunt = this.#hunts.get(huntId);
    if (hunt === undefined) {
      const counts = { solved: 0, wrong: 0, granted: 0 };
      const skipBelow = this.#offsetOf(huntId);
      hunt = { huntId, low, high, skipBelow, teams: new TeamDeltas(), ...counts, ties: '' };
      this.#hunts.set(huntId, hunt);
    }
    this.#last = hunt;
    return hunt;
  }
}

/**
 * Opens a record after reading all of it, so that nothing of one that cannot be read is taken in.
 * Throws `veltrix-record-invalid`, `veltrix-event-unknown`.
 */
export function openRecord(
  reader: DecisionRecordReader,
  partition: number,
  offset: number,
  record: Uint8Array,
): void {
  const reason = reader.open(record);
  if (reason !== undefined) throw unreadable(offset, reason);
  while (reader.next()) while (reader.nextEvent()) checkEvent(reader.event, partition, offset);
  reader.open(record);
}

function checkEvent(event: EventView, partition: number, offset: number): void {
  const least = leastBytes.get(event.type);
  if (least === undefined) return;
  const { type, version } = event;
  if (version !== knownVersion) {
    throw veltrixErrors.create('veltrix-event-unknown', { type, version, offset, partition });
  }
  const size = event.payloadEnd - event.payloadStart;
  if (size < least) throw unreadable(offset, `event ${type} has ${size} of ${least} bytes`);
}

function settledAs({ view, payloadStart }: EventView, counts: number): 0 | 1 {
  return subject.detail(view, payloadStart) === counts ? 1 : 0;
}

function tiesOf({ view, bytes, payloadStart }: EventView): 'last-score' | 'penalty' {
  const start = payloadStart + subjectBytes;
  const json = bytes.subarray(start, start + subject.value(view, payloadStart));
  return (JSON.parse(new TextDecoder().decode(json)) as PublishedHunt).definition.ties;
}

function unreadable(offset: number, reason: string): Error {
  return veltrixErrors.create('veltrix-record-invalid', { stream: 'events', offset, reason });
}

import { eventType, type Id, subject } from '@hunt/rules';
import type { EventView } from 'veltrix';

/** Place of an event in a partition's log. */
export interface EventPosition {
  readonly offset: number;
  readonly index: number;
}

/** What a team is told, as numbers. */
export interface TeamEvent extends EventPosition {
  readonly hunt: Id;
  readonly team: Id;
  readonly type: number;
  readonly item: number;
  readonly detail: number;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Events of which the team itself is told. Those of the treasure's side come again on the team's. */
export const teamEventTypes: ReadonlySet<number> = new Set([
  eventType.memberAdded,
  eventType.stepSolved,
  eventType.answerRejected,
  eventType.hintTaken,
  eventType.bonusGranted,
  eventType.claimSettled,
  eventType.collectSettled,
  eventType.reservationLapsed,
]);

const wordsPerEntry = 9;
const timesPerEntry = 2;

/** The latest team events of one partition, so that a broken connection can go on where it was. */
export class TeamEventLog {
  readonly #capacity: number;
  readonly #words: Int32Array;
  /** Offset and time. */
  readonly #times: Float64Array;
  #count = 0;
  #next = 0;
  /** Everything above this was kept; undefined before the first record of this process. */
  #keptAbove: EventPosition | undefined;
  #last: EventPosition = { offset: 0, index: 0 };

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#words = new Int32Array(capacity * wordsPerEntry);
    this.#times = new Float64Array(capacity * timesPerEntry);
  }

  /** A record begins: also of those without team events, so that it is known from where on all is kept. */
  beginRecord(offset: number): void {
    this.#keptAbove ??= { offset: offset - 1, index: Number.MAX_SAFE_INTEGER };
    this.#last = { offset, index: -1 };
  }

  append(offset: number, index: number, event: EventView): TeamEvent {
    const { view, payloadStart } = event;
    const slot = this.#next;
    if (this.#count === this.#capacity) this.#keptAbove = this.#position(slot);
    else this.#count += 1;
    this.#next = slot + 1 === this.#capacity ? 0 : slot + 1;
    const at = slot * wordsPerEntry;
    const words = this.#words;
    words[at] = subject.huntLow(view, payloadStart);
    words[at + 1] = subject.huntHigh(view, payloadStart);
    words[at + 2] = subject.teamLow(view, payloadStart);
    words[at + 3] = subject.teamHigh(view, payloadStart);
    words[at + 4] = event.type;
    words[at + 5] = subject.item(view, payloadStart);
    words[at + 6] = subject.detail(view, payloadStart);
    words[at + 7] = subject.value(view, payloadStart);
    words[at + 8] = index;
    this.#times[slot * timesPerEntry] = offset;
    this.#times[slot * timesPerEntry + 1] = event.receivedAt;
    this.#last = { offset, index };
    return this.#read(slot);
  }

  /** Where the log is now. */
  get last(): EventPosition {
    return this.#last;
  }

  /** Events of a team after a position, oldest first; undefined when some may be gone. */
  after(position: EventPosition, hunt: Id, team: Id): TeamEvent[] | undefined {
    if (this.#keptAbove === undefined || isBefore(position, this.#keptAbove)) return undefined;
    const events: TeamEvent[] = [];
    let slot = this.#next;
    for (let left = this.#count; left > 0; left--) {
      slot = slot === 0 ? this.#capacity - 1 : slot - 1;
      if (!isBefore(position, this.#position(slot))) break;
      if (this.#isOf(slot, hunt, team)) events.push(this.#read(slot));
    }
    return events.reverse();
  }

  #isOf(slot: number, hunt: Id, team: Id): boolean {
    const at = slot * wordsPerEntry;
    const words = this.#words;
    return (
      words[at + 2] === team.low &&
      words[at + 3] === team.high &&
      words[at] === hunt.low &&
      words[at + 1] === hunt.high
    );
  }

  #position(slot: number): EventPosition {
    return {
      offset: this.#times[slot * timesPerEntry]!,
      index: this.#words[slot * wordsPerEntry + 8]!,
    };
  }

  #read(slot: number): TeamEvent {
    const at = slot * wordsPerEntry;
    const words = this.#words;
    return {
      ...this.#position(slot),
      hunt: { low: words[at]!, high: words[at + 1]! },
      team: { low: words[at + 2]!, high: words[at + 3]! },
      type: words[at + 4]!,
      item: words[at + 5]!,
      detail: words[at + 6]!,
      value: words[at + 7]!,
      at: this.#times[slot * timesPerEntry + 1]!,
    };
  }
}

function isBefore(one: EventPosition, other: EventPosition): boolean {
  return one.offset < other.offset || (one.offset === other.offset && one.index < other.index);
}

/** `offset.index` as clients hold it. */
export function cursorText({ offset, index }: EventPosition): string {
  return `${offset}.${index}`;
}

/** Undefined for what is no cursor of ours. */
export function parseCursor(text: string): EventPosition | undefined {
  const match = /^(\d{1,15})\.(-1|\d{1,9})$/.exec(text);
  return match === null ? undefined : { offset: Number(match[1]), index: Number(match[2]) };
}

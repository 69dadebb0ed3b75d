import { idToHex, type TieRule } from '@hunt/rules';
import type { DecisionRecordReader } from 'veltrix';
import {
  checkStandingsEvent,
  type StandingsTarget,
  showStandingsEvent,
  unreadableRecord,
} from '../standings-event.ts';
import { TeamDeltas } from './team-deltas.ts';

/** What records of one partition change about a hunt. */
export interface HuntChange {
  readonly huntId: string;
  readonly low: number;
  readonly high: number;
  /** Records below this offset are in the views already. */
  readonly skipBelow: number;
  readonly teams: TeamDeltas;
  solved: number;
  wrong: number;
  granted: number;
  ties: '' | TieRule;
}

/** What records of one partition, one after the other, change: each hunt and team once. */
export class UpdateBatch {
  /** Offset of the first record. */
  readonly start: number;
  /** Above the last record. */
  to: number;
  /** Rows of teams in all hunts. */
  rows = 0;
  readonly #hunts = new Map<string, HuntChange>();
  readonly #offsetOf: (huntId: string) => number;
  #offset = 0;
  #last: HuntChange | undefined;
  readonly #target: StandingsTarget<HuntChange> = {
    hunt: (low, high) => {
      const hunt = this.#hunt(low, high);
      return this.#offset < hunt.skipBelow ? undefined : hunt;
    },
    setTies: (hunt, ties) => {
      hunt.ties = ties;
    },
    register: (hunt, low, high) => hunt.teams.registered(this.#row(hunt, low, high)),
    solve: (hunt, low, high, points, penaltySeconds, at) => {
      const row = this.#row(hunt, low, high);
      hunt.teams.scoredAt(row, at);
      hunt.teams.add(row, points, penaltySeconds, 1);
      hunt.solved += 1;
    },
    giveBonus: (hunt, low, high, points, at) => {
      const row = this.#row(hunt, low, high);
      hunt.teams.scoredAt(row, at);
      hunt.teams.add(row, points, 0, 0);
    },
    takePoints: (hunt, low, high, points) => {
      hunt.teams.add(this.#row(hunt, low, high), -points, 0, 0);
    },
    countWrong: (hunt) => {
      hunt.wrong += 1;
    },
    countGranted: (hunt) => {
      hunt.granted += 1;
    },
  };

  /** @param offsetOf what each hunt already has of the partition */
  constructor(start: number, offsetOf: (huntId: string) => number) {
    this.start = start;
    this.to = start;
    this.#offsetOf = offsetOf;
  }

  /** Adds a record that `openRecord` has passed. */
  add(reader: DecisionRecordReader, offset: number): void {
    this.#offset = offset;
    while (reader.next()) while (reader.nextEvent()) showStandingsEvent(reader.event, this.#target);
    this.to = offset + 1;
  }

  /** The hunts that have not all of it. */
  changes(): HuntChange[] {
    return [...this.#hunts.values()].filter(({ skipBelow }) => skipBelow < this.to);
  }

  #row(hunt: HuntChange, low: number, high: number): number {
    const known = hunt.teams.rows;
    const row = hunt.teams.row(low, high);
    this.rows += hunt.teams.rows - known;
    return row;
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
  if (reason !== undefined) throw unreadableRecord(offset, reason);
  while (reader.next()) {
    while (reader.nextEvent()) checkStandingsEvent(reader.event, partition, offset);
  }
  reader.open(record);
}

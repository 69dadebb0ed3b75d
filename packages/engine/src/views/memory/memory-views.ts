import { idFromHex, type TieRule } from '@hunt/rules';
import { DecisionRecordReader, type EventView } from 'veltrix';
import { engineErrors } from '../../errors.ts';
import {
  checkStandingsEvent,
  type StandingsTarget,
  showStandingsEvent,
  unreadableRecord,
} from '../standings-event.ts';
import type { HuntCounters, Standing, StandingSeed, Views } from '../views.ts';
import { HuntStandings } from './hunt-standings.ts';
import { PartitionCounters } from './partition-counters.ts';

export interface MemoryViewsOptions {
  /** Most teams of all hunts together; one costs about 60 bytes. Default 4,000,000. */
  readonly maxTeams?: number;
  /** Most hunts; an empty one costs about 25 KB. Default 10,000. */
  readonly maxHunts?: number;
}

interface HuntView {
  readonly standings: HuntStandings;
  readonly counters: PartitionCounters;
}

/**
 * Views in the memory of this process, begun from checkpoints and kept up from decision records.
 *
 * Throws `engine-views-full` at a limit, `engine-views-inconsistent` for an event about a team that
 * was never registered (the partition has to be halted then, and seeded), `veltrix-event-unknown` and
 * `veltrix-record-invalid` for records that this release cannot read.
 */
export class MemoryViews implements Views {
  readonly #maxTeams: number;
  readonly #maxHunts: number;
  /** By the low word of the id, then the high one. */
  readonly #hunts = new Map<number, Map<number, HuntView>>();
  readonly #nextOffsets = new Map<number, number>();
  readonly #reader = new DecisionRecordReader();
  /** Since when nothing of a partition is taken in, ms since the epoch. */
  readonly #halted = new Map<number, number>();
  #teams = 0;
  #huntCount = 0;
  #partition = 0;
  #offset = 0;
  /** The hunt of the last event: most events in a row are of one hunt. */
  #last: HuntView | undefined;
  #lastLow = 0;
  #lastHigh = 0;
  readonly #target: StandingsTarget<HuntView> = {
    hunt: (low, high) => this.#hunt(low, high),
    setTies: ({ standings }, ties) => standings.setTie(tieOf(ties)),
    register: (hunt, low, high) => {
      if (hunt.standings.find(low, high) < 0) this.#addTeam(hunt, low, high);
    },
    solve: (hunt, low, high, points, penaltySeconds, at) => {
      hunt.standings.addSolved(this.#rowOf(hunt, low, high), points, penaltySeconds, at);
      hunt.counters.add(this.#partition, 'solved', 1);
    },
    giveBonus: (hunt, low, high, points, at) => {
      hunt.standings.addScore(this.#rowOf(hunt, low, high), points, at);
    },
    takePoints: (hunt, low, high, points) => {
      hunt.standings.addPoints(this.#rowOf(hunt, low, high), -points);
    },
    countWrong: (hunt) => hunt.counters.add(this.#partition, 'wrong', 1),
    countGranted: (hunt) => hunt.counters.add(this.#partition, 'granted', 1),
  };

  constructor(options: MemoryViewsOptions = {}) {
    this.#maxTeams = options.maxTeams ?? 4_000_000;
    this.#maxHunts = options.maxHunts ?? 10_000;
  }

  seed(partition: number, nextOffset: number, teams: Iterable<StandingSeed>): void {
    if (!this.#halted.has(partition) && nextOffset <= (this.#nextOffsets.get(partition) ?? -1))
      return;
    for (const hunts of this.#hunts.values()) {
      for (const hunt of hunts.values()) hunt.counters.clear(partition);
    }
    for (const team of teams) {
      const hunt = this.#huntOf(team.huntId);
      const { low, high } = idOf(team.teamId);
      const found = hunt.standings.find(low, high);
      const row = found < 0 ? this.#addTeam(hunt, low, high) : found;
      hunt.standings.restore(row, team);
      hunt.counters.add(partition, 'solved', team.solved);
      hunt.counters.add(partition, 'wrong', team.wrong);
      hunt.counters.add(partition, 'granted', team.granted);
    }
    this.#nextOffsets.set(partition, nextOffset);
    this.#halted.delete(partition);
  }

  setTies(huntId: string, ties: TieRule): void {
    this.#huntOf(huntId).standings.setTie(tieOf(ties));
  }

  apply(partition: number, offset: number, record: Uint8Array): boolean {
    if (offset < (this.#nextOffsets.get(partition) ?? 0) || this.#halted.has(partition))
      return true;
    const reader = this.#reader;
    const reason = reader.open(record);
    if (reason !== undefined) throw unreadableRecord(offset, reason);
    this.#partition = partition;
    this.#offset = offset;
    while (reader.next()) while (reader.nextEvent()) this.#evolve(reader.event);
    this.#nextOffsets.set(partition, offset + 1);
    return true;
  }

  async nextOffset(partition: number): Promise<number> {
    return this.#nextOffsets.get(partition) ?? 1;
  }

  /** There is always room: what is given is shown when the call returns. */
  async room(): Promise<void> {}

  async settled(): Promise<void> {}

  /** Memory loses nothing as long as the process lives. */
  onRewind(): void {}

  caughtUp(): void {}

  release(): void {}

  /**
   * Takes nothing of the partition in any more before its next `seed`, and is stale until then.
   * @param at ms since the epoch
   */
  halt(partition: number, at: number): void {
    this.#halted.set(partition, at);
  }

  staleSince(): number | undefined {
    return this.#halted.size === 0 ? undefined : Math.min(...this.#halted.values());
  }

  async close(): Promise<void> {}

  async standings(huntId: string, from: number, limit: number): Promise<readonly Standing[]> {
    if (!(limit >= 1 && limit <= 1000) || !(from >= 0)) {
      throw new RangeError(`standings from ${from}, limit ${limit}`);
    }
    return this.#findHunt(huntId)?.standings.list(from, limit) ?? [];
  }

  async standing(huntId: string, teamId: string): Promise<Standing | undefined> {
    const standings = this.#findHunt(huntId)?.standings;
    const id = idFromHex(teamId);
    if (standings === undefined || id === undefined) return undefined;
    const row = standings.find(id.low, id.high);
    return row < 0 ? undefined : standings.standing(row);
  }

  async counters(huntId: string): Promise<HuntCounters | undefined> {
    const hunt = this.#findHunt(huntId);
    if (hunt === undefined) return undefined;
    return { teams: hunt.standings.columns.rows, ...hunt.counters.sums() };
  }

  version(huntId: string): number {
    return this.#findHunt(huntId)?.standings.version ?? 0;
  }

  #evolve(event: EventView): void {
    checkStandingsEvent(event, this.#partition, this.#offset);
    showStandingsEvent(event, this.#target);
  }

  #rowOf(hunt: HuntView, low: number, high: number): number {
    const row = hunt.standings.find(low, high);
    if (row < 0) {
      throw engineErrors.create('engine-views-inconsistent', {
        partition: this.#partition,
        offset: this.#offset,
      });
    }
    return row;
  }

  #addTeam(hunt: HuntView, low: number, high: number): number {
    if (this.#teams >= this.#maxTeams) {
      throw engineErrors.create('engine-views-full', { what: 'teams', limit: this.#maxTeams });
    }
    this.#teams += 1;
    return hunt.standings.add(low, high);
  }

  #hunt(low: number, high: number): HuntView {
    if (this.#last !== undefined && low === this.#lastLow && high === this.#lastHigh) {
      return this.#last;
    }
    const hunt = this.#hunts.get(low)?.get(high) ?? this.#addHunt(low, high);
    this.#last = hunt;
    this.#lastLow = low;
    this.#lastHigh = high;
    return hunt;
  }

  #addHunt(low: number, high: number): HuntView {
    if (this.#huntCount >= this.#maxHunts) {
      throw engineErrors.create('engine-views-full', { what: 'hunts', limit: this.#maxHunts });
    }
    const hunt = { standings: new HuntStandings(), counters: new PartitionCounters() };
    let sameLow = this.#hunts.get(low);
    if (sameLow === undefined) {
      sameLow = new Map();
      this.#hunts.set(low, sameLow);
    }
    sameLow.set(high, hunt);
    this.#huntCount += 1;
    return hunt;
  }

  #huntOf(huntId: string): HuntView {
    const { low, high } = idOf(huntId);
    return this.#hunt(low, high);
  }

  #findHunt(huntId: string): HuntView | undefined {
    const id = idFromHex(huntId);
    return id && this.#hunts.get(id.low)?.get(id.high);
  }
}

function idOf(hex: string) {
  const id = idFromHex(hex);
  if (id === undefined) throw new RangeError(`not an id: ${hex}`);
  return id;
}

function tieOf(ties: TieRule): 'penaltySeconds' | 'lastScoreAt' {
  return ties === 'penalty' ? 'penaltySeconds' : 'lastScoreAt';
}

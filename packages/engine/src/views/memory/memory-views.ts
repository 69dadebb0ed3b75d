import {
  eventType,
  idFromHex,
  idToHex,
  outcome,
  type PublishedHunt,
  subject,
  subjectBytes,
} from '@hunt/rules';
import { DecisionRecordReader, type EventView, veltrixErrors } from 'veltrix';
import { engineErrors } from '../../errors.ts';
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

/** The version of the events this release reads. Others stop the view rather than bend it. */
const knownVersion = 1;
/** Extra bytes of `stepSolved` and `bonusGranted`. */
const scoreBytes = subjectBytes + 16;

/**
 * Views in the memory of this process, begun from checkpoints and kept up from decision records.
 *
 * Throws `engine-views-full` at a limit, `engine-views-inconsistent` for an event about a team that
 * was never registered, `veltrix-event-unknown` and `veltrix-record-invalid` for records that this
 * release cannot read.
 */
export class MemoryViews implements Views {
  readonly #maxTeams: number;
  readonly #maxHunts: number;
  /** By the low word of the id, then the high one. */
  readonly #hunts = new Map<number, Map<number, HuntView>>();
  readonly #nextOffsets = new Map<number, number>();
  readonly #reader = new DecisionRecordReader();
  #teams = 0;
  #huntCount = 0;
  #partition = 0;
  #offset = 0;
  /** The hunt of the last event: most events in a row are of one hunt. */
  #last: HuntView | undefined;
  #lastLow = 0;
  #lastHigh = 0;

  constructor(options: MemoryViewsOptions = {}) {
    this.#maxTeams = options.maxTeams ?? 4_000_000;
    this.#maxHunts = options.maxHunts ?? 10_000;
  }

  seed(partition: number, nextOffset: number, teams: Iterable<StandingSeed>): void {
    if (nextOffset <= (this.#nextOffsets.get(partition) ?? -1)) return;
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
  }

  setTies(huntId: string, ties: 'last-score' | 'penalty'): void {
    const tie = ties === 'penalty' ? 'penaltySeconds' : 'lastScoreAt';
    this.#huntOf(huntId).standings.setTie(tie);
  }

  apply(partition: number, offset: number, record: Uint8Array): boolean {
    if (offset < (this.#nextOffsets.get(partition) ?? 0)) return true;
    const reader = this.#reader;
    const reason = reader.open(record);
    if (reason !== undefined) throw unreadable(offset, reason);
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

  staleSince(): number | undefined {
    return undefined;
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
    if (event.type === eventType.stepSolved) this.#stepSolved(event);
    else if (event.type === eventType.answerRejected) this.#pointsTaken(event, 'wrong');
    else if (event.type === eventType.hintTaken) this.#pointsTaken(event, undefined);
    else if (event.type === eventType.bonusGranted) this.#bonusGranted(event);
    else if (event.type === eventType.claimSettled) this.#settled(event, outcome.granted);
    else if (event.type === eventType.collectSettled) this.#settled(event, outcome.collected);
    else if (event.type === eventType.teamRegistered) this.#teamRegistered(event);
    else if (event.type === eventType.huntPublished) this.#huntPublished(event);
  }

  #huntPublished(event: EventView): void {
    const { view, bytes, payloadStart } = event;
    const start = payloadStart + subjectBytes;
    const json = bytes.subarray(start, start + subject.value(view, payloadStart));
    const { definition } = JSON.parse(new TextDecoder().decode(json)) as PublishedHunt;
    const low = subject.huntLow(view, payloadStart);
    this.setTies(idToHex(low, subject.huntHigh(view, payloadStart)), definition.ties);
  }

  #teamRegistered(event: EventView): void {
    const hunt = this.#begin(event, subjectBytes);
    const low = subject.teamLow(event.view, event.payloadStart);
    const high = subject.teamHigh(event.view, event.payloadStart);
    if (hunt.standings.find(low, high) < 0) this.#addTeam(hunt, low, high);
  }

  #stepSolved(event: EventView): void {
    const hunt = this.#begin(event, scoreBytes);
    const { view, payloadStart } = event;
    const extra = subject.extra(payloadStart);
    hunt.standings.addSolved(
      this.#rowOf(hunt, event),
      subject.value(view, payloadStart),
      view.getInt32(extra, true),
      view.getFloat64(extra + 8, true),
    );
    hunt.counters.add(this.#partition, 'solved', 1);
  }

  #pointsTaken(event: EventView, counter: 'wrong' | undefined): void {
    const hunt = this.#begin(event, subjectBytes);
    const taken = subject.value(event.view, event.payloadStart);
    if (taken !== 0) hunt.standings.addPoints(this.#rowOf(hunt, event), -taken);
    if (counter !== undefined) hunt.counters.add(this.#partition, counter, 1);
  }

  #bonusGranted(event: EventView): void {
    const hunt = this.#begin(event, scoreBytes);
    const { view, payloadStart } = event;
    const at = view.getFloat64(subject.extra(payloadStart) + 8, true);
    hunt.standings.addScore(this.#rowOf(hunt, event), subject.value(view, payloadStart), at);
  }

  /** A treasure counts as granted where the team's own state counts it, so that seeds and events agree. */
  #settled(event: EventView, counts: number): void {
    const hunt = this.#begin(event, subjectBytes);
    if (subject.detail(event.view, event.payloadStart) === counts) {
      hunt.counters.add(this.#partition, 'granted', 1);
    }
  }

  /** Checks the event's version and size, and returns its hunt. */
  #begin(event: EventView, bytes: number): HuntView {
    if (event.version !== knownVersion) {
      throw veltrixErrors.create('veltrix-event-unknown', {
        type: event.type,
        version: event.version,
        offset: this.#offset,
        partition: this.#partition,
      });
    }
    const size = event.payloadEnd - event.payloadStart;
    if (size < bytes) {
      throw unreadable(this.#offset, `event ${event.type} has ${size} of ${bytes} bytes`);
    }
    const { view, payloadStart } = event;
    return this.#hunt(subject.huntLow(view, payloadStart), subject.huntHigh(view, payloadStart));
  }

  #rowOf(hunt: HuntView, event: EventView): number {
    const low = subject.teamLow(event.view, event.payloadStart);
    const high = subject.teamHigh(event.view, event.payloadStart);
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

function unreadable(offset: number, reason: string): Error {
  return veltrixErrors.create('veltrix-record-invalid', { stream: 'events', offset, reason });
}

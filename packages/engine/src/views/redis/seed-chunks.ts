import { Buffer } from 'node:buffer';
import type { StandingSeed } from '../views.ts';
import { baseFor } from './hunt-states.ts';
import type { HuntUpdate } from './standings-store.ts';
import { lastAt, penaltyAt, pointsAt, rowBytes, solvedAt } from './team-rows.ts';

const chunkRows = 2_000;

/**
 * A partition's teams from a checkpoint, read a chunk at a time: first all teams, then for each hunt
 * its counters and its offset, so that a seed that breaks off counts for nothing.
 */
export class SeedChunks {
  readonly nextOffset: number;
  readonly #partition: number;
  readonly #teams: Iterator<StandingSeed>;
  readonly #counters = new Map<string, { solved: number; wrong: number; granted: number }>();
  /** For hunts that have none yet. */
  #base: number | undefined;
  #state: 'teams' | 'counters' | 'done' = 'teams';

  /** @param huntIds those that the views may have something of, besides the ones in `teams` */
  constructor(
    partition: number,
    nextOffset: number,
    teams: Iterable<StandingSeed>,
    huntIds: Iterable<string>,
  ) {
    this.nextOffset = nextOffset;
    this.#partition = partition;
    this.#teams = teams[Symbol.iterator]();
    for (const huntId of huntIds) this.#counters.set(huntId, noCounts());
  }

  /** What comes next says that all teams are in: they have to be. */
  get isCounting(): boolean {
    return this.#state === 'counters';
  }

  /** Undefined after the last. */
  next(): HuntUpdate[] | undefined {
    if (this.#state === 'done') return undefined;
    if (this.#state === 'teams') return this.#nextTeams();
    this.#state = 'done';
    return Array.from(this.#counters, ([huntId, counts]) => ({
      ...this.#update(huntId, Buffer.alloc(0)),
      ...counts,
      mode: 'sl' as const,
    }));
  }

  #nextTeams(): HuntUpdate[] {
    const byHunt = new Map<string, Buffer[]>();
    for (let row = 0; row < chunkRows; row++) {
      const { done, value: team } = this.#teams.next();
      if (done) {
        this.#state = 'counters';
        break;
      }
      const rows = byHunt.get(team.huntId);
      if (rows === undefined) byHunt.set(team.huntId, [encoded(team)]);
      else rows.push(encoded(team));
      if (team.lastScoreAt !== 0) this.#base ??= baseFor(team.lastScoreAt);
      this.#count(team);
    }
    return Array.from(byHunt, ([huntId, rows]) => this.#update(huntId, Buffer.concat(rows)));
  }

  #count(team: StandingSeed): void {
    let counts = this.#counters.get(team.huntId);
    if (counts === undefined) {
      counts = noCounts();
      this.#counters.set(team.huntId, counts);
    }
    counts.solved += team.solved;
    counts.wrong += team.wrong;
    counts.granted += team.granted;
  }

  #update(huntId: string, states: Buffer): HuntUpdate {
    const { nextOffset: to } = this;
    const from = 0;
    return {
      huntId,
      partition: this.#partition,
      from,
      to,
      scores: Buffer.alloc(0),
      states,
      ...noCounts(),
      ties: '',
      mode: 's',
      rule: '',
      base: this.#base,
    };
  }
}

function noCounts() {
  return { solved: 0, wrong: 0, granted: 0 };
}

function encoded(team: StandingSeed): Buffer {
  const row = Buffer.alloc(rowBytes);
  row.write(team.teamId, 0, 'hex');
  row.writeDoubleBE(team.points, pointsAt);
  row.writeDoubleBE(team.penaltySeconds, penaltyAt);
  row.writeDoubleBE(team.lastScoreAt, lastAt);
  row.writeUInt32BE(team.solved, solvedAt);
  return row;
}

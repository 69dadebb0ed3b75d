import { Buffer } from 'node:buffer';
import type { StandingSeed } from '../views.ts';
import type { HuntUpdate } from './standings-store.ts';

const chunkRows = 2_000;
const rowBytes = 36;

/**
 * A partition's teams from a checkpoint, read a chunk at a time: first all teams, then for each hunt
 * its counters and its offset, so that a seed that breaks off counts for nothing.
 */
export class SeedChunks {
  readonly nextOffset: number;
  readonly #partition: number;
  readonly #teams: Iterator<StandingSeed>;
  readonly #counters = new Map<string, { solved: number; wrong: number; granted: number }>();
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

  /** Undefined after the last. */
  next(): HuntUpdate[] | undefined {
    if (this.#state === 'done') return undefined;
    const updates = this.#state === 'teams' ? this.#nextTeams() : [];
    if (updates.length > 0) return updates;
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
      if (done) break;
      const rows = byHunt.get(team.huntId);
      if (rows === undefined) byHunt.set(team.huntId, [encoded(team)]);
      else rows.push(encoded(team));
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

  #update(huntId: string, teams: Buffer): HuntUpdate {
    const { nextOffset: to } = this;
    const from = 0;
    return {
      huntId,
      partition: this.#partition,
      from,
      to,
      teams,
      ...noCounts(),
      ties: '',
      mode: 's',
    };
  }
}

function noCounts() {
  return { solved: 0, wrong: 0, granted: 0 };
}

function encoded(team: StandingSeed): Buffer {
  const row = Buffer.alloc(rowBytes);
  row.write(team.teamId, 0, 'hex');
  row.writeDoubleBE(team.points, 8);
  row.writeDoubleBE(team.penaltySeconds, 16);
  row.writeDoubleBE(team.lastScoreAt, 24);
  row.writeUInt32BE(team.solved * 2 + 1, 32);
  return row;
}

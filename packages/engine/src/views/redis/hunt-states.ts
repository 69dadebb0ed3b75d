import { Buffer } from 'node:buffer';
import { idBytes, packedPointsMax, packedTies, teamStateBytes } from './order-lua.ts';
import type { FoundStates } from './standings-store.ts';
import type { TeamDeltas } from './team-deltas.ts';
import { lastAt, penaltyAt, pointsAt, rowBytes, solvedAt, TeamRows } from './team-rows.ts';

/** Teams as they are after some records, and how they stand in the hunt's order; see `applyScript`. */
export interface TeamUpdates {
  readonly scores: Buffer;
  readonly states: Buffer;
}

const digits = 17;
const scoreBytes = digits + idBytes;
const noTeam = 0xffff_ffff;
const missingSolvedAt = teamStateBytes - 4;
/** Times before the first score that a packed order still takes, in milliseconds: 25 days. */
const beforeBase = 2 ** 31;

/**
 * A hunt's teams of one partition as they are in Redis after all that was sent: whoever folds the log
 * knows them, so only teams not seen before have to be read.
 */
export class HuntStates {
  /** See order-lua.ts; undefined before Redis has said it. */
  rule: string | undefined;
  base: number | undefined;
  readonly #teams = new TeamRows();

  get rows(): number {
    return this.#teams.rows;
  }

  clear(): void {
    this.#teams.clear();
  }

  /** Ids of the teams that have to be read before `fold`. */
  missing({ teams }: TeamDeltas): Buffer {
    const ids = Buffer.alloc(teams.rows * idBytes);
    let length = 0;
    for (let row = 0; row < teams.rows; row++) {
      const at = row * rowBytes;
      if (this.#teams.find(teams.view.getInt32(at + 4), teams.view.getInt32(at)) >= 0) continue;
      teams.bytes.copy(ids, length, at, at + idBytes);
      length += idBytes;
    }
    return ids.subarray(0, length);
  }

  /** Takes in what was read of teams. */
  found(ids: Buffer, { states, rule, base }: FoundStates): void {
    this.rule = rule;
    this.base = base;
    for (let team = 0; team * idBytes < ids.length; team++) {
      const from = team * teamStateBytes;
      if (states.readUInt32BE(from + missingSolvedAt) === noTeam) continue;
      const at = team * idBytes;
      const row = this.#teams.row(ids.readInt32BE(at + 4), ids.readInt32BE(at));
      states.copy(this.#teams.bytes, row * rowBytes + idBytes, from, from + teamStateBytes);
    }
  }

  /** Undefined where one of the teams is not registered. Proposes a base of times where there is none. */
  fold({ teams: deltas }: TeamDeltas): TeamUpdates | undefined {
    const states = Buffer.allocUnsafe(deltas.rows * rowBytes);
    let scores = Buffer.allocUnsafe(deltas.rows * scoreBytes);
    let fits = this.rule === 'l' || this.rule === 'p';
    for (let row = 0; row < deltas.rows; row++) {
      const at = this.#foldRow(deltas.view, row * rowBytes);
      if (at === undefined) return undefined;
      const { bytes, view } = this.#teams;
      bytes.copy(states, row * rowBytes, at, at + rowBytes);
      if (!fits) continue;
      const score = this.#score(view, at);
      fits = score !== undefined;
      if (score === undefined) continue;
      writeScore(scores, row * scoreBytes, score);
      bytes.copy(scores, row * scoreBytes + digits, at, at + idBytes);
    }
    if (!fits) scores = Buffer.alloc(0);
    return { scores, states };
  }

  #foldRow(delta: DataView, from: number): number | undefined {
    const [high, low] = [delta.getInt32(from), delta.getInt32(from + 4)];
    const change = delta.getUint32(from + solvedAt);
    const known = this.#teams.find(low, high);
    if (known < 0 && change % 2 === 0) return undefined;
    const at = (known < 0 ? this.#teams.row(low, high) : known) * rowBytes;
    const { view } = this.#teams;
    for (const field of [pointsAt, penaltyAt]) {
      view.setFloat64(at + field, view.getFloat64(at + field) + delta.getFloat64(from + field));
    }
    const last = delta.getFloat64(from + lastAt);
    if (last > view.getFloat64(at + lastAt)) view.setFloat64(at + lastAt, last);
    view.setUint32(at + solvedAt, view.getUint32(at + solvedAt) + (change >>> 1));
    return at;
  }

  /** As `packed` in order-lua.ts. */
  #score(view: DataView, at: number): number | undefined {
    const points = view.getFloat64(at + pointsAt);
    let tie = 0;
    if (this.rule === 'p') tie = view.getFloat64(at + penaltyAt);
    const last = view.getFloat64(at + lastAt);
    if (last !== 0) this.base ??= baseFor(last);
    if (this.rule === 'l' && last !== 0) {
      tie = last - this.base! + 1;
      if (tie < 1 || last % 1 !== 0) return undefined;
    }
    if (!(tie >= 0 && tie < packedTies) || tie % 1 !== 0) return undefined;
    if (!(Math.abs(points) < packedPointsMax) || points % 1 !== 0) return undefined;
    return tie - points * packedTies;
  }
}

/** @param last a last score, ms since the epoch */
export function baseFor(last: number): number {
  return Math.floor(last) - beforeBase;
}

/** A whole number of at most 16 digits, as text of a fixed length. */
function writeScore(to: Buffer, at: number, score: number): void {
  const size = Math.abs(score);
  to[at] = score < 0 ? 45 : 48;
  const high = Math.floor(size / 1e8);
  writeDigits(to, at + 8, high);
  writeDigits(to, at + 16, size - high * 1e8);
}

/** The 8 digits that end at `end`. */
function writeDigits(to: Buffer, end: number, value: number): void {
  let rest = value | 0;
  for (let at = end; at > end - 8; at--) {
    const tenth = (rest / 10) | 0;
    to[at] = 48 + rest - tenth * 10;
    rest = tenth;
  }
}

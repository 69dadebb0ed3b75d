import { idToHex } from '@hunt/rules';
import type { Standing } from '../views.ts';
import { RankedRows } from './ranked-rows.ts';
import { TeamColumns } from './team-columns.ts';
import { TeamIndex } from './team-index.ts';

/**
 * The standings of one hunt. The order is made when somebody first asks for it and kept up from then
 * on, so that taking in a checkpoint of a million teams sorts them once instead of a million times.
 */
export class HuntStandings {
  readonly columns = new TeamColumns();
  version = 0;
  readonly #index = new TeamIndex(this.columns);
  readonly #ranked = new RankedRows(this.columns);
  #ordered = false;

  /** The team's row, or -1. */
  find(low: number, high: number): number {
    return this.#index.find(low, high);
  }

  /** Adds a team that is not there yet. */
  add(low: number, high: number): number {
    const row = this.columns.add(low, high);
    this.#index.insert(row);
    if (this.#ordered) this.#ranked.insert(row);
    this.version += 1;
    return row;
  }

  setTie(tie: 'penaltySeconds' | 'lastScoreAt'): void {
    if (this.columns.tie === this.columns[tie]) return;
    this.columns.setTie(tie);
    this.#ordered = false;
    this.version += 1;
  }

  /** Changes a team's points by `points` (negative: takes some). */
  addPoints(row: number, points: number): void {
    this.version += 1;
    if (points === 0) return;
    this.#lift(row);
    this.columns.points[row]! += points;
    this.#place(row);
  }

  /** @param at when it was scored, ms since the epoch; scores may come out of the order of their times */
  addScore(row: number, points: number, at: number): void {
    this.version += 1;
    this.#lift(row);
    this.columns.points[row]! += points;
    this.#scoredAt(row, at);
    this.#place(row);
  }

  addSolved(row: number, points: number, penaltySeconds: number, at: number): void {
    this.version += 1;
    const { columns } = this;
    this.#lift(row);
    columns.points[row]! += points;
    columns.penaltySeconds[row]! += penaltySeconds;
    columns.solved[row]! += 1;
    this.#scoredAt(row, at);
    this.#place(row);
  }

  /** Overwrites a team with what a checkpoint says of it. */
  restore(
    row: number,
    from: Pick<Standing, 'points' | 'penaltySeconds' | 'lastScoreAt' | 'solved'>,
  ): void {
    const { columns } = this;
    columns.points[row] = from.points;
    columns.penaltySeconds[row] = from.penaltySeconds;
    columns.lastScoreAt[row] = from.lastScoreAt;
    columns.solved[row] = from.solved;
    this.#ordered = false;
    this.version += 1;
  }

  /** @param from position, 0 = the first */
  list(from: number, limit: number): Standing[] {
    this.#order();
    const standings: Standing[] = [];
    let position = from;
    let last = -1;
    this.#ranked.visit(from, limit, (row) => {
      const previous = standings.at(-1);
      const equal = previous !== undefined && this.#equal(last, row);
      const rank = equal ? previous.rank : previous === undefined ? this.#rank(row) : position + 1;
      standings.push(this.#standing(row, rank));
      last = row;
      position += 1;
    });
    return standings;
  }

  standing(row: number): Standing {
    this.#order();
    return this.#standing(row, this.#rank(row));
  }

  #scoredAt(row: number, at: number): void {
    if (at > this.columns.lastScoreAt[row]!) this.columns.lastScoreAt[row] = at;
  }

  #lift(row: number): void {
    if (this.#ordered) this.#ranked.remove(row);
  }

  #place(row: number): void {
    if (this.#ordered) this.#ranked.insert(row);
  }

  #order(): void {
    if (this.#ordered) return;
    this.#ranked.rebuild();
    this.#ordered = true;
  }

  #rank(row: number): number {
    const { columns } = this;
    return this.#ranked.countBefore(columns.points[row]!, columns.tie[row]!) + 1;
  }

  #equal(one: number, other: number): boolean {
    const { points, tie } = this.columns;
    return points[one] === points[other] && tie[one] === tie[other];
  }

  #standing(row: number, rank: number): Standing {
    const { columns } = this;
    return {
      rank,
      teamId: idToHex(columns.idLow[row]!, columns.idHigh[row]!),
      points: columns.points[row]!,
      penaltySeconds: columns.penaltySeconds[row]!,
      lastScoreAt: columns.lastScoreAt[row]!,
      solved: columns.solved[row]!,
    };
  }
}

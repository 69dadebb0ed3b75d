import { lastAt, penaltyAt, pointsAt, rowBytes, solvedAt, TeamRows } from './team-rows.ts';

/** What some records change about a hunt's teams. In `solved`, 2 × steps + 1 where the team is registered here. */
export class TeamDeltas {
  readonly teams = new TeamRows();

  get rows(): number {
    return this.teams.rows;
  }

  /** The team's row, added where it is new. */
  row(low: number, high: number): number {
    return this.teams.row(low, high);
  }

  add(row: number, points: number, penaltySeconds: number, solved: number): void {
    const at = row * rowBytes;
    const { view } = this.teams;
    view.setFloat64(at + pointsAt, view.getFloat64(at + pointsAt) + points);
    if (penaltySeconds !== 0) {
      view.setFloat64(at + penaltyAt, view.getFloat64(at + penaltyAt) + penaltySeconds);
    }
    if (solved !== 0) view.setUint32(at + solvedAt, view.getUint32(at + solvedAt) + 2 * solved);
  }

  /** @param at ms since the epoch; the latest counts */
  scoredAt(row: number, at: number): void {
    const { view } = this.teams;
    const position = row * rowBytes + lastAt;
    if (at > view.getFloat64(position)) view.setFloat64(position, at);
  }

  registered(row: number): void {
    const { view } = this.teams;
    const at = row * rowBytes + solvedAt;
    view.setUint32(at, view.getUint32(at) | 1);
  }
}

import { createHash } from 'node:crypto';

/** A row as the server ranks it: rows with the same `rank` are equal. */
export interface RankedTeam {
  readonly rank: number;
  readonly name: string;
  readonly points: number;
  readonly penaltySeconds: number;
}

/**
 * The CSV `rank,team,points,penaltySeconds`. Ranks are competition ranks among these rows alone: equals
 * share one and the next one skips; equals stand in the order of their names' code points.
 */
export function standingsFile(rows: readonly RankedTeam[]): string {
  const sorted = [...rows].sort(
    (one, other) =>
      one.rank - other.rank || Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)),
  );
  const lines = ['rank,team,points,penaltySeconds'];
  let rank = 0;
  for (const [index, row] of sorted.entries()) {
    if (row.rank !== sorted[index - 1]?.rank) rank = index + 1;
    lines.push(`${rank},${csvField(row.name)},${row.points},${row.penaltySeconds}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Quoted where RFC 4180 asks for it. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

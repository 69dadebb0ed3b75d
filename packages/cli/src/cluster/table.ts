import { wrap } from '../arguments/help.ts';

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly isNumber?: true;
}

/**
 * Rows under titles where they fit; on a narrow terminal each row becomes a few lines: its first cell, and the others
 * with their titles.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]!.length)),
  );
  const total = widths.reduce((sum, one) => sum + one + 2, -2);
  if (total > width) return rows.map((row) => block(columns, row, width)).join('');
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) =>
        columns[index]!.isNumber ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
      )
      .join('  ')
      .trimEnd();
  return [columns.map(({ title }) => title), ...rows].map((row) => `${line(row)}\n`).join('');
}

function block(columns: readonly Column[], row: readonly string[], width: number): string {
  const others = columns
    .slice(1)
    .map(({ title }, index) => `${title} ${row[index + 1]}`)
    .join(', ');
  return `${columns[0]!.title} ${row[0]}\n${wrap(others, width, '  ')}\n`;
}

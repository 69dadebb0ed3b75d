/** A kind of value that is always written with its unit. */
export interface Unit {
  readonly noun: string;
  readonly example: string;
  /** Size of each suffix in the base unit, smallest first. */
  readonly suffixes: Readonly<Record<string, number>>;
}

/** Base unit: milliseconds. */
export const duration: Unit = {
  noun: 'a duration with its unit (ms, s, m, h or d)',
  example: '90s, 15m or 1.5h',
  suffixes: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 },
};

/** Base unit: metres. */
export const distance: Unit = {
  noun: 'a distance with its unit (m or km)',
  example: '50m or 1.2km',
  suffixes: { m: 1, km: 1_000 },
};

/** Source of a regular expression for values of the unit, without anchors. */
export function quantityPattern(unit: Unit): string {
  return `(\\d{1,12}(?:\\.\\d{1,6})?)(${Object.keys(unit.suffixes).join('|')})`;
}

/** In the base unit, possibly not whole; undefined when `text` is not of the form. */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const match = new RegExp(`^${quantityPattern(unit)}$`).exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]) * unit.suffixes[match[2]!]!;
  // 1.001 km is 1,001 m exactly, though not in binary.
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-6 ? whole : value;
}

/** With the largest suffix that leaves it whole. */
export function formatQuantity(value: number, unit: Unit): string {
  let text = String(value);
  for (const [suffix, size] of Object.entries(unit.suffixes)) {
    if (size === 1 || (value !== 0 && value % size === 0)) text = `${value / size}${suffix}`;
  }
  return text;
}

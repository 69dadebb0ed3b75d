/** A kind of number that is always written with its unit. */
export interface Unit {
  readonly noun: string;
  readonly example: string;
  /** Size of each suffix in the base unit, smallest first. */
  readonly suffixes: Readonly<Record<string, number>>;
  /** Most digits before the point. */
  readonly digitsMost: number;
}

/** Source of a regular expression for values of the unit, without anchors. */
export function quantityPattern({ suffixes, digitsMost }: Unit): string {
  return `(\\d{1,${digitsMost}}(?:\\.\\d{1,6})?)(${Object.keys(suffixes).join('|')})`;
}

/** In the base unit, possibly not whole; undefined when `text` is not of the form. */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const match = new RegExp(`^${quantityPattern(unit)}$`).exec(text);
  if (match === null) return undefined;
  return decimals(Number(match[1]) * unit.suffixes[match[2]!]!);
}

/** With the largest suffix that leaves it whole, or the smallest. */
export function formatQuantity(value: number, unit: Unit): string {
  const written = Object.entries(unit.suffixes).map(
    ([suffix, size]) => [decimals(value / size), suffix] as const,
  );
  const whole = written.findLast(([count]) => count !== 0 && Number.isInteger(count));
  return (whole ?? written[0]!).join('');
}

/** 1.001 km is 1,001 m and 99.9 % is 0.999, though not in binary. */
function decimals(value: number): number {
  return Number(value.toPrecision(12));
}

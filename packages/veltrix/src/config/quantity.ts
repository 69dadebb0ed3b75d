/** Units with what one of them is in the unit that values are kept in; the smallest first. */
export type Units = Readonly<Record<string, number>>;

export const durationUnits: Units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const binaryUnits: Units = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
const decimalUnits: Units = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
export const byteUnits: Units = { ...binaryUnits, ...decimalUnits };

/** A number as it is written, and the unit behind it. */
export interface QuantityText {
  readonly count: number;
  /** Empty for a plain number. */
  readonly unit: string;
}

/** Undefined for what is no number with or without a unit. Underscores between digits mean nothing. */
export function splitQuantity(text: string): QuantityText | undefined {
  const match = /^([+-]?\d+(?:_\d+)*(?:\.\d+)?(?:e\+?\d+)?) ?([a-zA-Zµ%]*)$/.exec(text.trim());
  if (match === null) return undefined;
  return { count: Number(match[1]!.replaceAll('_', '')), unit: match[2]! };
}

/** The unit as it is spelt here, case aside where that is not ambiguous. */
export function unitNamed(name: string, units: Units): string | undefined {
  if (Object.hasOwn(units, name)) return name;
  const alike = Object.keys(units).filter((unit) => unit.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}

/** In the largest unit that leaves no fraction: 60000 is 1m, 1500 is 1500ms. */
export function formatDuration(milliseconds: number): string {
  return formatIn(durationUnits, milliseconds);
}

/** In the unit that makes the shortest text without a fraction: 65536 is 64KiB, 1000000 is 1MB. */
export function formatBytes(bytes: number): string {
  const [binary, decimal] = [formatIn(binaryUnits, bytes), formatIn(decimalUnits, bytes)];
  return decimal.length < binary.length ? decimal : binary;
}

function formatIn(units: Units, value: number): string {
  const [smallest] = Object.keys(units);
  const fitting = Object.entries(units).filter(([, one]) => value !== 0 && value % one === 0);
  const [unit, one] = fitting.at(-1) ?? [smallest, 1];
  return `${value / one}${unit}`;
}

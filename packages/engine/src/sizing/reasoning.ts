/** One step of the way to a size, for people to check. */
export interface Reason {
  readonly what: string;
  /** Numbers and the result: `7,000/s ÷ 0.7 = 10,000/s`. */
  readonly sum: string;
  /** Where the numbers come from. */
  readonly source: string;
}

/** Three digits, thousands apart. */
export function shown(value: number): string {
  if (value !== 0 && Math.abs(value) < 1) return String(Number(value.toPrecision(3)));
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: 2 });
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${shown(value / 1_024 ** power)} ${units[power]}`;
}

export function microseconds(seconds: number): string {
  return `${shown(seconds * 1e6)} µs`;
}

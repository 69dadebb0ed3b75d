/** `12 ms`, `1.4 s`, `3 min`. */
export function duration(seconds: number): string {
  // What rounds to a second is one.
  if (seconds < 0.9995) return `${rounded(seconds * 1_000)} ms`;
  if (seconds < 120) return `${rounded(seconds)} s`;
  return seconds < 7_200 ? `${rounded(seconds / 60)} min` : `${rounded(seconds / 3_600)} h`;
}

/** `37%` of a part of 1. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : Math.round(value)}%`;
}

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `64 MiB`. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${rounded(bytes / 1_024 ** power)} ${sizes[power]}`;
}

/** With three digits where it has a fraction, thousands apart. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'no limit' : String(value);
  const magnitude = Math.abs(value);
  const digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: 2 });
}

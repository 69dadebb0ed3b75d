import type { Unit } from 'veltrix/document';

/** Base unit: milliseconds. */
export const duration: Unit = {
  noun: 'a duration with its unit (ms, s, m, h or d)',
  example: '90s, 15m or 1.5h',
  suffixes: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 },
  digitsMost: 12,
};

/** Base unit: metres. */
export const distance: Unit = {
  noun: 'a distance with its unit (m or km)',
  example: '50m or 1.2km',
  suffixes: { m: 1, km: 1_000 },
  digitsMost: 12,
};

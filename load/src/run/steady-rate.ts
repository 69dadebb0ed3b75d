import type { LoadRecord } from '../generator/load-record.ts';

/**
 * Decided and answered a second while a load of `forMs` lasted: without its first slice, in which nothing is on its way
 * yet, and without what ends after it. Refusals are held back for a second or so, so that the last answer of
 * all comes long after the load. A load of less than two slices has all its answers counted over its own time.
 */
export function steadyRate({ slices, sliceMs, decided }: LoadRecord, forMs: number): number {
  const whole = Math.floor(forMs / sliceMs);
  if (whole < 2) return decided / (forMs / 1_000);
  const done = slices.slice(1, whole).reduce((sum, slice) => sum + slice.done, 0);
  return done / (((whole - 1) * sliceMs) / 1_000);
}

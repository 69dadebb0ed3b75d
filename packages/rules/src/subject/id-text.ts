import type { Id } from './subject.ts';

/** An id as people and APIs see it: 16 hexadecimal digits, high word first. */
export function idToHex(low: number, high: number): string {
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}

/** Reads 16 lower-case hexadecimal digits; undefined for anything else. */
export function idFromHex(hex: string): Id | undefined {
  if (!/^[0-9a-f]{16}$/.test(hex)) return undefined;
  return {
    low: Number.parseInt(hex.slice(8), 16) | 0,
    high: Number.parseInt(hex.slice(0, 8), 16) | 0,
  };
}

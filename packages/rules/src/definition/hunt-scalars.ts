import { inRange, malformed, type ScalarShape, textTypes } from 'veltrix/document';
import { formatInstant, instantPattern, parseInstant } from './instant.ts';
import { isSlug, slugify, slugPattern } from './slug.ts';

/** An id: 1 to 64 of a–z, 0–9 and hyphen. */
export const slug: ScalarShape<string> = {
  kind: 'scalar',
  noun: 'an id of 1 to 64 small letters, digits and hyphens',
  schema: { type: textTypes, pattern: `^${slugPattern}$` },
  read: (text) => (isSlug(text) ? text : malformed(slugify(text) || 'city-lights')),
};

const instantLimits = {
  least: parseInstant('2000-01-01T00:00:00Z')!,
  most: parseInstant('2199-12-31T23:59:59Z')!,
};
const instantNoun = 'a time with date and offset from UTC';

/** Milliseconds since 1970 UTC. */
export const instant: ScalarShape<number> = {
  kind: 'scalar',
  noun: instantNoun,
  schema: { type: 'string', pattern: `^${instantPattern}$` },
  read(text) {
    const value = parseInstant(text);
    if (value !== undefined) return inRange(value, instantLimits, formatInstant);
    return malformed('2026-06-01T10:00:00+02:00', { expected: `${instantNoun} (RFC 3339)` });
  },
};

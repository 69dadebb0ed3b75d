import { createHash } from 'node:crypto';
import type { Id } from '../subject/subject.ts';

/** The opaque id of a hunt in records: the first 8 bytes of the SHA-256 of its name. */
export function huntIdOf(name: string): Id {
  const digest = createHash('sha256').update(name, 'utf8').digest();
  return { low: digest.readInt32LE(0), high: digest.readInt32LE(4) };
}

import { createHmac } from 'node:crypto';
import { huntLimits } from './hunt-limits.ts';

/** Bytes of the hash that stands for an answer or a scan in commands and logs. */
export const answerHashBytes = 16;

/**
 * The form in which answers are compared, so that what people see as the same is the same: Unicode
 * compatibility forms (NFKC) and case set aside (also ß and ss, σ and ς, I, İ, ı and i), curly quotes
 * and dashes as typed on a keyboard, white space trimmed and single, control and invisible characters
 * dropped. Applying it twice changes nothing.
 *
 * Undefined for text that is no answer at all: longer than 1,024 UTF-16 code units, with a NUL or a
 * lone surrogate, or with nothing left. Uses the Unicode tables of the running release, so the result
 * must be hashed before the log: a fold never calls this.
 */
export function normalizeAnswer(text: string): string | undefined {
  if (text.length > huntLimits.answerLength || !text.isWellFormed() || text.includes('\0')) {
    return undefined;
  }
  const visible = text
    .replace(/\p{White_Space}+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
  const normalized = foldCase(visible.normalize('NFKC'))
    .normalize('NFKC')
    .replace(/[‘’‚‛′ʼ]/g, "'")
    .replace(/[“”„‟″]/g, '"')
    .replace(/[‐‑‒–—―−]/g, '-')
    // Dropping what stood between spaces left several.
    .replace(/ +/g, ' ')
    .trim();
  return normalized === '' ? undefined : normalized;
}

/** By way of upper case, because only there ß meets ss; then the variants that lower case keeps apart. */
function foldCase(text: string): string {
  return text
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('ς', 'σ');
}

/**
 * The first 16 bytes of HMAC-SHA256 over hunt and answer: what travels and is stored in place of the
 * answer. `secret` is the deployment's or the hunt's, and must not be in a log: with it, answers could
 * be guessed from their hashes.
 */
export function answerHash(secret: Uint8Array, huntId: string, normalized: string): Uint8Array {
  const hash = createHmac('sha256', secret).update(`answer\0${huntId}\0${normalized}`).digest();
  return new Uint8Array(hash.subarray(0, answerHashBytes));
}

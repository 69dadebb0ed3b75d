import { engineErrors } from '../errors.ts';

const maxCodePoints = 64;
/** Beyond this a text is refused before anything else is done with it: no code point has more units. */
const maxUnits = maxCodePoints * 2 + 64;

/** Control characters, line separators, and marks that turn the direction of what stands after them. */
const forbidden = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const visible = /[^\p{Cf}\p{Zs}\p{Mn}\p{Me}]/u;

/** A name as typed, without spaces around it. Throws `engine-name-invalid`. */
export function shownName(text: string): string {
  if (text.length > maxUnits) throw invalid(`it is longer than ${maxCodePoints} characters`);
  if (!text.isWellFormed()) throw invalid('it holds half of a surrogate pair');
  const name = text.trim();
  if (forbidden.test(name)) throw invalid('it holds a control character');
  if (!visible.test(name)) throw invalid('there is nothing to see in it');
  if ([...name].length > maxCodePoints) {
    throw invalid(`it is longer than ${maxCodePoints} characters`);
  }
  return name;
}

/** What makes two names the same: compatibility forms and case do not count, nor do runs of spaces. */
export function nameKey(shown: string): string {
  const folded = shown.normalize('NFKC').toLowerCase().normalize('NFKC');
  return folded.replace(/\p{White_Space}+/gu, ' ').trim();
}

function invalid(reason: string): Error {
  return engineErrors.create('engine-name-invalid', { reason });
}

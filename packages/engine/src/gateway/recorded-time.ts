import { engineErrors } from '../errors.ts';

const form = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,3})?([Zz]|[+-]\d\d:\d\d)$/;
const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(2200, 0, 1);

/** Milliseconds since 1970 of a time that a recording client states. Throws `engine-time-invalid`. */
export function recordedTime(at: string | number): number {
  const time = typeof at === 'number' ? at : parse(at);
  if (Number.isInteger(time) && time >= earliest && time < latest) return time;
  throw engineErrors.create('engine-time-invalid');
}

/** `Date.parse` takes the 31st of February for the 3rd of March: the day must come out as it went in. */
function parse(text: string): number {
  const match = form.exec(text);
  if (match === null) return Number.NaN;
  const local = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`);
  if (Number.isNaN(local) || new Date(local).toISOString().slice(8, 10) !== match[3]) {
    return Number.NaN;
  }
  return Date.parse(text.toUpperCase());
}

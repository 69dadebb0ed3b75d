/** RFC 3339 with a required offset and at most milliseconds, without anchors. */
export const instantPattern =
  '(\\d{4})-(\\d{2})-(\\d{2})[Tt](\\d{2}):(\\d{2}):(\\d{2})(?:\\.(\\d{1,3}))?(?:[Zz]|([+-])(\\d{2}):(\\d{2}))';

const instantExpression = new RegExp(`^${instantPattern}$`);

/**
 * Milliseconds since 1970 UTC of an RFC 3339 time; undefined when it has another form, no offset, or
 * names a day or time that does not exist. Leap seconds are refused.
 */
export function parseInstant(text: string): number | undefined {
  const match = instantExpression.exec(text);
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(part) as Parts;
  const [offsetHours, offsetMinutes] = [part(9), part(10)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  // Date.UTC reads years below 100 as of the twentieth century.
  if (year < 100) return undefined;
  const millisecond = Number((match[7] ?? '').padEnd(3, '0'));
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000;
  return match[8] === '-' ? local + offset : local - offset;
}

type Parts = [number, number, number, number, number, number];

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** RFC 3339 in UTC, without a fraction when it is zero. */
export function formatInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

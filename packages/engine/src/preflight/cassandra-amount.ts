const durations: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const sizes: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** A duration as Cassandra writes it ("5000ms"), in milliseconds; undefined for anything else. */
export function durationMs(text: string | undefined): number | undefined {
  return amount(text, durations, 1);
}

/** A size as Cassandra writes it ("16MiB"), in bytes. */
export function sizeBytes(text: string | undefined): number | undefined {
  return amount(text, sizes, 1);
}

function amount(
  text: string | undefined,
  units: Readonly<Record<string, number>>,
  plain: number,
): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, count, unit = ''] = match;
  const one = unit === '' ? plain : Object.hasOwn(units, unit) ? units[unit] : undefined;
  return one === undefined ? undefined : Number(count) * one;
}

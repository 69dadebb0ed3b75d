import { cliErrors } from '../errors.ts';

const timeShape = /^(\d{4}-\d\d-(\d\d))T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970. Throws `cli-flag-value-invalid`; a time without a zone is none. */
export function readTime(text: string, flag: string): number {
  const match = timeShape.exec(text);
  const at = Date.parse(text);
  // `Date.parse` takes the 31st of February for the 3rd of March.
  const day = match && new Date(`${match[1]}T00:00:00Z`).getUTCDate();
  if (match && !Number.isNaN(at) && day === Number(match[2])) return at;
  const expected = 'a time with its zone, such as 2026-05-01T18:30:00Z';
  throw cliErrors.create('cli-flag-value-invalid', { flag, expected, found: text });
}

/** By partition, the offset of the last decision record. Throws `cli-flag-value-invalid`. */
export function readOffsets(texts: readonly string[], flag: string): Map<number, number> {
  return new Map(
    texts.map((found) => {
      const match = /^(\d{1,4}):(\d{1,15})$/.exec(found);
      if (match) return [Number(match[1]), Number(match[2])] as const;
      const expected = 'a partition and the offset of its last event, such as 0:1200';
      throw cliErrors.create('cli-flag-value-invalid', { flag, expected, found });
    }),
  );
}

import {
  choice as choiceShape,
  inRange,
  type ScalarShape,
  textTypes,
  type Unit,
} from 'veltrix/document';

/** Stricter than texts elsewhere: one line, since it is a name or a path. */
export function line(most: number): ScalarShape<string> {
  return {
    kind: 'scalar',
    noun: 'a text',
    schema: { type: textTypes, maxLength: most },
    read(text) {
      if (text.length <= most && !/\p{Cc}/u.test(text)) return text;
      const expected = `1 to ${most} characters that can be shown`;
      return { fault: 'value-malformed', details: { expected } };
    },
  };
}

/** Nothing that is counted here is negative, and quotes were never minded. */
export function count(least: number, most: number): ScalarShape<number> {
  return {
    kind: 'scalar',
    noun: 'a whole number',
    schema: { type: 'integer', minimum: least, maximum: most },
    read(text) {
      if (!/^\d{1,12}$/.test(text)) return { fault: 'value-malformed' };
      return inRange(Number(text), { least, most });
    },
  };
}

export function choice<const Option extends string>(
  options: readonly Option[],
): ScalarShape<Option> {
  return choiceShape(options, (nearest) => nearest && `Did you mean "${nearest}"?`);
}

/** Base unit: milliseconds. */
export const duration: Unit = {
  noun: 'a duration with its unit (ms, s, m or h)',
  example: '500ms, 30s or 5m',
  suffixes: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
  digitsMost: 9,
};

/** Base unit: arrivals a second. */
export const rate: Unit = {
  noun: 'a rate with its unit (/s or /m)',
  example: '500/s or 30/m',
  suffixes: { '/m': 1 / 60, '/s': 1 },
  digitsMost: 9,
};

/** Base unit: the whole. */
export const share: Unit = {
  noun: 'a share in percent',
  example: '0.1%',
  suffixes: { '%': 0.01 },
  digitsMost: 9,
};

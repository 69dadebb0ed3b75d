import { nearestName } from 'veltrix';
import { formatInstant, parseInstant } from './instant.ts';
import type { ProblemList } from './problem-list.ts';
import { distance, formatQuantity, parseQuantity } from './quantity.ts';
import { isSlug, slugify } from './slug.ts';
import type { NumberShape, QuantityShape, Shape, TextShape } from './source-shape.ts';

/** A scalar of the file: its text, and whether it stood there without quotes. */
export interface ScalarSource {
  readonly text: string;
  readonly plain: boolean;
  readonly offset: number;
  /** How messages name it, such as `steps[0].points`. */
  readonly path: string;
}

export type ScalarShape = Exclude<
  Shape,
  { kind: 'list' } | { kind: 'mapping' } | { kind: 'either' } | { kind: 'reference' }
>;

const instantLeast = parseInstant('2000-01-01T00:00:00Z')!;
const instantMost = parseInstant('2199-12-31T23:59:59Z')!;

/** The value of a scalar; undefined after a problem was added. */
export function readScalar(
  source: ScalarSource,
  shape: ScalarShape,
  problems: ProblemList,
): string | number | undefined {
  const { text, plain, offset, path } = source;
  const malformed = (expected: string, example: string): undefined =>
    problems.add(
      offset,
      'rules-file-value-malformed',
      { path, expected, found: text },
      `Write it like ${example}.`,
    );
  if (plain && /^(?:|~|null|Null|NULL)$/.test(text)) {
    return problems.add(offset, 'rules-file-type-wrong', {
      path,
      expected: nounOf(shape),
      found: 'empty',
    });
  }
  switch (shape.kind) {
    case 'text':
      return readText(source, shape, problems);
    case 'slug':
      return isSlug(text) ? text : malformed(nounOf(shape), slugify(text) || 'city-lights');
    case 'integer':
    case 'decimal':
      return readNumber(source, shape, problems, malformed);
    case 'quantity':
      return readQuantity(source, shape, problems, malformed);
    case 'instant':
      return readInstant(source, problems, malformed);
    case 'choice': {
      if (shape.options.includes(text)) return text;
      const nearest = nearestName(text, shape.options) ?? shape.options[0]!;
      return malformed(nounOf(shape), nearest);
    }
  }
}

type Malformed = (expected: string, example: string) => undefined;

export function nounOf(shape: ScalarShape): string {
  switch (shape.kind) {
    case 'text':
      return 'a text';
    case 'slug':
      return 'an id of 1 to 64 small letters, digits and hyphens';
    case 'integer':
      return 'a whole number';
    case 'decimal':
      return 'a number';
    case 'quantity':
      return shape.unit.noun;
    case 'instant':
      return 'a time with date and offset from UTC';
    case 'choice':
      return shape.options.join(' or ');
  }
}

function readText(
  source: ScalarSource,
  shape: TextShape,
  problems: ProblemList,
): string | undefined {
  const { text, offset, path } = source;
  const { least, most } = shape;
  let reason: string | undefined;
  if (text.trim().length < least) reason = 'is empty';
  else if (text.length > most) reason = `has ${text.length} characters; the limit is ${most}`;
  else if (!text.isWellFormed()) reason = 'holds half of a surrogate pair';
  else if (/[^\P{Cc}\n\t]/u.test(text)) reason = 'holds a control character';
  if (reason === undefined) return text;
  return problems.add(offset, 'rules-file-text-invalid', { path, reason });
}

function readNumber(
  source: ScalarSource,
  shape: NumberShape,
  problems: ProblemList,
  malformed: Malformed,
): number | undefined {
  const form =
    shape.kind === 'integer'
      ? /^[+-]?\d{1,15}$/
      : /^[+-]?\d{1,9}(?:\.\d{1,30})?(?:e[+-]?\d{1,3})?$/i;
  if (!form.test(source.text))
    return malformed(nounOf(shape), shape.kind === 'integer' ? '10' : '48.8582');
  if (!source.plain) {
    return problems.add(
      source.offset,
      'rules-file-type-wrong',
      { path: source.path, expected: nounOf(shape), found: 'a text in quotes' },
      'Remove the quotes.',
    );
  }
  // Adding zero makes −0 plain, which JSON could not carry.
  return inRange(source, Number(source.text) + 0, shape, String, problems);
}

function readQuantity(
  source: ScalarSource,
  shape: QuantityShape,
  problems: ProblemList,
  malformed: Malformed,
): number | undefined {
  const { unit, step } = shape;
  const value = parseQuantity(source.text, unit);
  if (value === undefined) return malformed(unit.noun, unit.example);
  const format = (limit: number): string => formatQuantity(limit, unit);
  if (inRange(source, value, shape, format, problems) === undefined) return undefined;
  if (value % step === 0) return value;
  const whole = unit === distance ? 'metres' : step === 1_000 ? 'seconds' : 'milliseconds';
  return malformed(
    `a whole number of ${whole}`,
    format(Math.max(step, Math.round(value / step) * step)),
  );
}

function readInstant(
  source: ScalarSource,
  problems: ProblemList,
  malformed: Malformed,
): number | undefined {
  const value = parseInstant(source.text);
  if (value === undefined) {
    return malformed(
      'a time with date and offset from UTC (RFC 3339)',
      '2026-06-01T10:00:00+02:00',
    );
  }
  const limits = { least: instantLeast, most: instantMost };
  return inRange(source, value, limits, formatInstant, problems);
}

function inRange(
  { offset, path, text }: ScalarSource,
  value: number,
  { least, most }: { readonly least: number; readonly most: number },
  format: (limit: number) => string,
  problems: ProblemList,
): number | undefined {
  if (value >= least && value <= most) return value;
  return problems.add(offset, 'rules-file-value-out-of-range', {
    path,
    least: format(least),
    most: format(most),
    found: text,
  });
}

import { nearestName } from '../nearest-name.ts';
import { formatQuantity, parseQuantity, quantityPattern, type Unit } from './quantity.ts';
import { inRange, malformed, type Refusal } from './refusal.ts';
import type { ScalarShape } from './shape.ts';

/** YAML reads 42 and true as number and boolean before a JSON Schema sees them; here they are texts. */
export const textTypes = ['string', 'number', 'boolean'];

/** Taken as it is written: `42`, `007` and `true` are texts too. Limits in UTF-16 code units. */
export function text(most: number, least = 1): ScalarShape<string> {
  return {
    kind: 'scalar',
    noun: 'a text',
    schema: { type: textTypes, minLength: least, maxLength: most },
    read(text) {
      let reason: string | undefined;
      if (text.trim().length < least) reason = 'is empty';
      else if (text.length > most) reason = `has ${text.length} characters; the limit is ${most}`;
      else if (!text.isWellFormed()) reason = 'holds half of a surrogate pair';
      else if (/[^\P{Cc}\n\t]/u.test(text)) reason = 'holds a control character';
      return reason === undefined ? text : { fault: 'text-invalid', details: { reason } };
    },
  };
}

export function integer(least: number, most: number): ScalarShape<number> {
  return {
    kind: 'scalar',
    noun: 'a whole number',
    schema: { type: 'integer', minimum: least, maximum: most },
    read: (text, plain) => readNumber(text, plain, /^[+-]?\d{1,15}$/, '10', { least, most }),
  };
}

export function decimal(least: number, most: number): ScalarShape<number> {
  const form = /^[+-]?\d{1,9}(?:\.\d{1,30})?(?:e[+-]?\d{1,3})?$/i;
  return {
    kind: 'scalar',
    noun: 'a number',
    schema: { type: 'number', minimum: least, maximum: most },
    read: (text, plain) => readNumber(text, plain, form, '48.8582', { least, most }),
  };
}

function readNumber(
  text: string,
  plain: boolean,
  form: RegExp,
  example: string,
  limits: { readonly least: number; readonly most: number },
): number | Refusal {
  if (!form.test(text)) return malformed(example);
  if (!plain) {
    const details = { found: 'a text in quotes' };
    return { fault: 'type-wrong', details, hint: 'Remove the quotes.' };
  }
  // Adding zero makes −0 plain, which JSON could not carry.
  return inRange(Number(text) + 0, limits);
}

/** What values of a quantity must be a multiple of: its size in the base unit, and several of it. */
interface Step {
  readonly size: number;
  readonly noun: string;
}

/** A number with its unit; limits are in the unit's base. */
export function quantity(
  unit: Unit,
  least: number,
  most: number,
  step?: Step,
): ScalarShape<number> {
  const format = (value: number): string => formatQuantity(value, unit);
  return {
    kind: 'scalar',
    noun: unit.noun,
    schema: { type: 'string', pattern: `^${quantityPattern(unit)}$` },
    read(text) {
      const value = parseQuantity(text, unit);
      if (value === undefined) return malformed(unit.example);
      const ranged = inRange(value, { least, most }, format);
      if (typeof ranged === 'object' || step === undefined || value % step.size === 0) {
        return ranged;
      }
      const nearest = Math.max(step.size, Math.round(value / step.size) * step.size);
      return malformed(format(nearest), { expected: `a whole number of ${step.noun}` });
    },
  };
}

/** One of some words. `hint` is given the one that was probably meant, if any is near. */
export function choice<const Option extends string>(
  options: readonly Option[],
  hint = (nearest: string | undefined): string | undefined =>
    `Write it like ${nearest ?? options[0]}.`,
): ScalarShape<Option> {
  return {
    kind: 'scalar',
    noun: options.join(', ').replace(/, ([^,]*)$/, ' or $1'),
    schema: { type: 'string', enum: options },
    read(text) {
      const option = options.find((known) => known === text);
      if (option !== undefined) return option;
      const said = hint(nearestName(text, options));
      return { fault: 'value-malformed', ...(said !== undefined && { hint: said }) };
    },
  };
}

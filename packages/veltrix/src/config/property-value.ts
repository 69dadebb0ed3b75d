import { nearestName } from '../nearest-name.ts';
import { isNumber, type NumberProperty, type Property, type PropertyValue } from './property.ts';
import {
  byteUnits,
  durationUnits,
  formatBytes,
  formatDuration,
  type QuantityText,
  splitQuantity,
  type Units,
  unitNamed,
} from './quantity.ts';

/** Either a value of the property's type, or what is wrong with what was given; a sentence that begins with "it". */
export type ReadValue = { readonly value: PropertyValue } | { readonly problem: string };

/** Longest text of a value, and most entries of a list. */
const textMaxLength = 4_096;
const listMaxEntries = 256;

/**
 * Reads what a source has for a property: a value of its type, or a text as it stands in variables and flags. Numbers
 * may have a unit ("64MiB", "250ms", "2s", "25%"); without one they are in the property's own.
 */
export function readValue(property: Property, raw: unknown): ReadValue {
  const problem = (text: string): ReadValue => ({ problem: `it ${text}` });
  if (isNumber(property)) return readNumber(property, raw);
  switch (property.type) {
    case 'boolean': {
      const value = typeof raw === 'string' ? raw.trim().toLowerCase() : raw;
      if (value === true || value === 'true') return { value: true };
      if (value === false || value === 'false') return { value: false };
      return problem('is true or false');
    }
    case 'list':
      return readList(property.choices, raw);
    case 'choice': {
      const found = property.choices.find((choice) => choice === raw);
      if (found !== undefined) return { value: found };
      return problem(`is one of ${property.choices.join(', ')}${hint(raw, property.choices)}`);
    }
    case 'map':
      return readMap(raw);
    case 'secret':
      if (raw === '' || (typeof raw === 'string' && isReference(raw))) return { value: raw };
      return problem('is a reference to the secret, file:PATH or env:NAME, and never the secret');
    default: {
      if (typeof raw !== 'string') return problem('is a text; put it in quotes');
      if (raw.length > textMaxLength) return problem(`has at most ${textMaxLength} characters`);
      const { form, formText = `a text that matches ${form?.source}` } = property;
      if (form === undefined || form.test(raw)) return { value: raw };
      return problem(`is ${formText}`);
    }
  }
}

export function isReference(text: string): boolean {
  return /^(file:.+|env:[A-Za-z_]\w*)$/s.test(text);
}

function hint(raw: unknown, choices: readonly string[]): string {
  const nearest = nearestName(String(raw), choices);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

function readList(choices: readonly string[] | undefined, raw: unknown): ReadValue {
  const texts = typeof raw === 'string' ? raw.split(',').map((text) => text.trim()) : raw;
  if (!Array.isArray(texts)) return { problem: 'it is a list, or a text with commas' };
  if (texts.length > listMaxEntries) return { problem: `it has at most ${listMaxEntries} entries` };
  const value = typeof raw === 'string' && raw.trim() === '' ? [] : texts;
  for (const entry of value as readonly unknown[]) {
    if (typeof entry !== 'string' || entry === '') return { problem: 'it is a list of texts' };
    if (choices === undefined || choices.includes(entry)) continue;
    return { problem: `it lists some of ${choices.join(', ')}${hint(entry, choices)}` };
  }
  return { value };
}

const mapForm = /^[\w.-]+=[\w.-]+(,[\w.-]+=[\w.-]+)*$/;

function readMap(raw: unknown): ReadValue {
  const asked = { problem: 'it has keys and values of letters, digits, ".", "_" and "-"' };
  if (typeof raw === 'string') {
    const text = raw.replaceAll(' ', '');
    return text === '' || mapForm.test(text) ? { value: text } : asked;
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return asked;
  const entries = Object.entries(raw);
  if (entries.length > listMaxEntries) return { problem: `it has at most ${listMaxEntries} keys` };
  const text = entries.map(([key, value]) => `${key}=${value}`).join(',');
  return text === '' || mapForm.test(text) ? { value: text } : asked;
}

/** The keys and values of a property that is a map. */
export function mapOf(value: PropertyValue | undefined): Readonly<Record<string, string>> {
  const pairs = String(value ?? '')
    .split(',')
    .filter((pair) => pair !== '');
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}

function unitsOf({ type }: NumberProperty): Units {
  if (type === 'bytes') return byteUnits;
  if (type === 'duration') return durationUnits;
  return type === 'ratio' ? { '%': 0.01 } : {};
}

function readNumber(property: NumberProperty, raw: unknown): ReadValue {
  const asked = { problem: `it is ${rangeText(property)}` };
  const quantity = quantityOf(raw);
  if (quantity === undefined) return asked;
  const units = unitsOf(property);
  const unit = unitNamed(quantity.unit, units);
  if (quantity.unit !== '' && unit === undefined) {
    const known = Object.keys(units).join(', ');
    const which = known === '' ? 'it has no unit' : `its units are ${known}`;
    return { problem: `"${quantity.unit}" is no unit of it; ${which}` };
  }
  const exact = quantity.count * (unit === undefined ? 1 : units[unit]!);
  // A tenth of a second is a hundred milliseconds, whatever binary fractions make of it.
  const value = property.type === 'ratio' ? exact : Number(exact.toPrecision(15));
  if (!(value >= property.least && value <= property.most)) return asked;
  if (property.type !== 'ratio' && !Number.isInteger(value)) {
    return { problem: `it is ${rangeText(property)}, and ${value} is not whole` };
  }
  const { multipleOf = 1 } = property;
  if (value % multipleOf !== 0 && multipleOf !== 1) {
    return { problem: `it is a multiple of ${formatValue(property, multipleOf)}` };
  }
  return { value };
}

function quantityOf(raw: unknown): QuantityText | undefined {
  if (typeof raw === 'number') return { count: raw, unit: '' };
  return typeof raw === 'string' ? splitQuantity(raw) : undefined;
}

const kinds = {
  integer: 'a whole number',
  bytes: 'a size',
  duration: 'a duration',
  ratio: 'a ratio',
} as const;

/** What values a number may have, in words. */
export function rangeText(property: NumberProperty): string {
  const { type, least, most } = property;
  return `${kinds[type]} from ${formatValue(property, least)} to ${formatValue(property, most)}`;
}

/** A value as people write it: with its unit where it has one. Secrets are references, which tell nothing. */
export function formatValue(property: Property, value: PropertyValue): string {
  if (property.type === 'bytes') return formatBytes(Number(value));
  if (property.type === 'duration') return formatDuration(Number(value));
  if (typeof value === 'object') return value.join(',');
  return typeof value === 'string' ? value : String(value);
}

import type { ErrorDetails } from '../coded-error.ts';

/** What can be wrong with a document, whatever its language: each has an error of the language. */
export type Fault =
  | 'too-large'
  | 'yaml-invalid'
  | 'tag'
  | 'alias'
  | 'key-unknown'
  | 'key-repeated'
  | 'key-missing'
  | 'keys-conflict'
  | 'type-wrong'
  | 'list-length'
  | 'nested-too-deep'
  | 'text-invalid'
  | 'value-malformed'
  | 'value-out-of-range';

/** Why a scalar is not taken. */
export interface Refusal {
  readonly fault: Fault;
  /** Besides `path`, `expected` (the noun of the shape) and `found` (the text), or in their place. */
  readonly details?: ErrorDetails;
  /** In place of the general remedy of the error. */
  readonly hint?: string;
}

export function malformed(example: string, details: ErrorDetails = {}): Refusal {
  return { fault: 'value-malformed', details, hint: `Write it like ${example}.` };
}

export function inRange(
  value: number,
  { least, most }: { readonly least: number; readonly most: number },
  format: (limit: number) => string = String,
): number | Refusal {
  if (value >= least && value <= most) return value;
  return { fault: 'value-out-of-range', details: { least: format(least), most: format(most) } };
}

import type { FastifyRequest } from 'fastify';
import { engineErrors } from '../errors.ts';

/** A whole number of the query, or its default. Throws `engine-request-invalid`. */
export function queryNumber(
  request: FastifyRequest,
  name: string,
  range: { readonly least: number; readonly most: number; readonly default: number },
): number {
  const text = (request.query as Readonly<Record<string, unknown>>)[name];
  if (text === undefined) return range.default;
  const value = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.least && value <= range.most) return value;
  const reason = `must be a whole number from ${range.least} to ${range.most}`;
  throw engineErrors.create('engine-request-invalid', { where: name, reason });
}

/** A text of the query when there is exactly one. */
export function queryText(request: FastifyRequest, name: string): string | undefined {
  const text = (request.query as Readonly<Record<string, unknown>>)[name];
  return typeof text === 'string' ? text : undefined;
}

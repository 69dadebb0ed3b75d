import type { TraceContext } from 'veltrix';
import { foreseenError, unforeseenError } from './described-error.ts';

/** Name of the field with the number of a request in its process. */
export const requestIdField = 'http.request.id';

/** Version of the schema that the names of the fields are from. */
export const ecsVersion = '8.17.0';

/**
 * What a caller gives to a line, in the names of the Elastic Common Schema: `error` (what was
 * foreseen), `err` (what was not: a logger calls an Error so that it is given alone) and `trace`.
 * Everything else is the engine's own and stands under `hunt`.
 */
export function ecsFields(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (key === 'err') Object.assign(fields, unforeseenError(value));
    else if (key === 'error') Object.assign(fields, foreseenError(value));
    else if (key === 'trace') Object.assign(fields, traceFields(value as TraceContext));
    else own[key] = value;
  }
  if (Object.keys(own).length > 0) fields['hunt'] = own;
  return fields;
}

function traceFields({ traceId, spanId }: TraceContext): Record<string, string> {
  return { 'trace.id': traceId, 'span.id': spanId };
}

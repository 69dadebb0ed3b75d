import { documentJsonSchema, type JsonSchema } from 'veltrix/document';
import { huntShape } from './hunt-shape.ts';

/**
 * The JSON Schema of hunt files, committed as `packages/rules/schema/hunt.schema.json`. A file that
 * compiles is valid against it; what it cannot say (ids that exist, cycles, limits of durations) only
 * the compiler knows.
 */
export function huntJsonSchema(): JsonSchema {
  return documentJsonSchema('Treasure hunt', huntShape);
}

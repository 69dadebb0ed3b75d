import { documentJsonSchema, type JsonSchema } from 'veltrix/document';
import { scenarioShape } from './scenario-shape.ts';

/**
 * The JSON Schema of scenarios, committed as `load/schema/scenario.schema.json`. A scenario that
 * compiles is valid against it; limits of rates and what the generator can sustain only the compiler
 * knows.
 */
export function scenarioJsonSchema(): JsonSchema {
  return {
    ...documentJsonSchema('Load scenario of a treasure hunt', scenarioShape),
    oneOf: [{ required: ['phases'] }, { required: ['trace'] }],
  };
}

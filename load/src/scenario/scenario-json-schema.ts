import { scenarioShape } from './scenario-shape.ts';
import { type Fields, type MappingShape, quantityPattern, type Shape } from './shape.ts';

type JsonSchema = { [key: string]: unknown };

/**
 * The JSON Schema (draft 7, which editors know best) of scenarios, committed as
 * `load/schema/scenario.schema.json`. A scenario that compiles is valid against it; limits of rates and
 * what the generator can sustain only the compiler knows.
 */
export function scenarioJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Load scenario of a treasure hunt',
    ...schemaOf(scenarioShape),
    oneOf: [{ required: ['phases'] }, { required: ['trace'] }],
  };
}

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'text':
      // YAML reads 42 and true as number and boolean before a schema sees them; here they are text.
      return { type: ['string', 'number', 'boolean'], maxLength: shape.most };
    case 'integer':
      return { type: 'integer', minimum: shape.least, maximum: shape.most };
    case 'quantity':
      return { type: 'string', pattern: `^${quantityPattern(shape.unit)}$` };
    case 'choice':
      return { type: 'string', enum: shape.options };
    case 'list':
      return {
        ...{ type: 'array', items: schemaOf(shape.item) },
        ...{ minItems: shape.least, maxItems: shape.most },
      };
    case 'mapping':
      return mappingSchema(shape);
  }
}

function mappingSchema({ fields }: MappingShape<Fields>): JsonSchema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => field.required).map(([key]) => key);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      entries.map(([key, { shape, doc }]) => [key, { description: doc, ...schemaOf(shape) }]),
    ),
    ...(required.length > 0 && { required }),
  };
}

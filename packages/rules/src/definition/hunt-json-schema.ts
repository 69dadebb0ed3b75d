import { huntShape, namedShapes } from './hunt-shape.ts';
import { instantPattern } from './instant.ts';
import { quantityPattern } from './quantity.ts';
import { slugPattern } from './slug.ts';
import type { Field, Fields, MappingShape, Shape } from './source-shape.ts';

type JsonSchema = { [key: string]: unknown };

/**
 * The JSON Schema (draft 7, which editors know best) of hunt files, committed as
 * `packages/rules/schema/hunt.schema.json`. A file that compiles is valid against it; what it cannot
 * say (ids that exist, cycles, limits of durations) only the compiler knows.
 */
export function huntJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Treasure hunt',
    ...schemaOf(huntShape),
    definitions: Object.fromEntries(
      Object.entries(namedShapes).map(([name, shape]) => [name, schemaOf(shape)]),
    ),
  };
}

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'text':
      return { type: scalarTypes, minLength: shape.least, maxLength: shape.most };
    case 'slug':
      return { type: scalarTypes, pattern: `^${slugPattern}$` };
    case 'integer':
      return { type: 'integer', minimum: shape.least, maximum: shape.most };
    case 'decimal':
      return { type: 'number', minimum: shape.least, maximum: shape.most };
    case 'quantity':
      return { type: 'string', pattern: `^${quantityPattern(shape.unit)}$` };
    case 'instant':
      return { type: 'string', pattern: `^${instantPattern}$` };
    case 'choice':
      return { type: 'string', enum: shape.options };
    case 'list':
      return {
        type: 'array',
        items: schemaOf(shape.item),
        minItems: shape.least,
        maxItems: shape.most,
      };
    case 'mapping':
      return mappingSchema(shape);
    case 'either':
      return { anyOf: [schemaOf(shape.scalar), schemaOf(shape.mapping)] };
    case 'reference':
      return { $ref: `#/definitions/${shape.name}` };
  }
}

/** YAML reads 42 and true as number and boolean before a schema sees them; to the compiler they are text. */
const scalarTypes = ['string', 'number', 'boolean'];

function mappingSchema(shape: MappingShape<Fields>): JsonSchema {
  const fields = Object.entries(shape.fields);
  const required = fields.filter(([, field]) => field.required).map(([key]) => key);
  const schema: JsonSchema = {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(fields.map(([key, field]) => [key, fieldSchema(field)])),
  };
  if (required.length > 0) schema['required'] = required;
  if (shape.oneOf !== undefined) {
    const exclusive = shape.oneOf.flat();
    schema['oneOf'] = shape.oneOf.map((keys) => ({
      required: keys,
      properties: Object.fromEntries(
        exclusive.filter((key) => !keys.includes(key)).map((key) => [key, false]),
      ),
    }));
  }
  return schema;
}

function fieldSchema(field: Field): JsonSchema {
  const schema = schemaOf(field.shape);
  // In draft 7 what stands beside a $ref is ignored.
  if ('$ref' in schema) return { description: field.doc, allOf: [schema] };
  return { description: field.doc, ...schema };
}

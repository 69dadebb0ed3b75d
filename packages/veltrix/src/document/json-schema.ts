import type { Field, Fields, MappingShape, Shape } from './shape.ts';

export type JsonSchema = { readonly [key: string]: unknown };

/**
 * The JSON Schema (draft 7, which editors know best) of documents of a shape. A document that reads
 * without problems is valid against it, unless a scalar of the language says otherwise.
 */
export function documentJsonSchema(title: string, shape: Shape): JsonSchema {
  const definitions = new Map<string, JsonSchema>();
  const schema = schemaOf(shape, definitions);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    ...schema,
    ...(definitions.size > 0 && { definitions: Object.fromEntries(definitions) }),
  };
}

function schemaOf(shape: Shape, definitions: Map<string, JsonSchema>): JsonSchema {
  switch (shape.kind) {
    case 'scalar':
      return shape.schema;
    case 'list':
      return {
        type: 'array',
        items: schemaOf(shape.item, definitions),
        minItems: shape.least,
        maxItems: shape.most,
      };
    case 'mapping':
      return mappingSchema(shape, definitions);
    case 'either':
      return { anyOf: [shape.scalar, shape.mapping].map((one) => schemaOf(one, definitions)) };
    case 'reference': {
      const { name, target } = shape;
      if (!definitions.has(name)) {
        // It may hold itself.
        definitions.set(name, {});
        definitions.set(name, schemaOf(target(), definitions));
      }
      return { $ref: `#/definitions/${name}` };
    }
  }
}

function mappingSchema(
  { fields, oneOf }: MappingShape<Fields>,
  definitions: Map<string, JsonSchema>,
): JsonSchema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => field.required).map(([key]) => key);
  const properties = entries.map(([key, field]) => [key, fieldSchema(field, definitions)]);
  const exclusive = oneOf?.flat() ?? [];
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    ...(oneOf && {
      oneOf: oneOf.map((keys) => {
        const others = exclusive.filter((key) => !keys.includes(key));
        return {
          required: keys,
          properties: Object.fromEntries(others.map((key) => [key, false])),
        };
      }),
    }),
  };
}

function fieldSchema({ shape, doc }: Field, definitions: Map<string, JsonSchema>): JsonSchema {
  const schema = schemaOf(shape, definitions);
  // In draft 7 what stands beside a $ref is ignored.
  return { description: doc, ...(shape.kind === 'reference' ? { allOf: [schema] } : schema) };
}

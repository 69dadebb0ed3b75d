import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentJsonSchema } from './json-schema.ts';
import { choice, integer, text } from './scalars.ts';
import { either, list, mapping, optional, type ReferenceShape, required } from './shape.ts';

test('a shape says its JSON Schema, names that hold themselves included', () => {
  const part: ReferenceShape<unknown> = {
    ...{ kind: 'reference', name: 'part', depthMost: 8 },
    target: () => either(text(5), mapping({ all: optional(list(part, 1, 3), 'All.') })),
  };
  const shape = mapping(
    {
      part: required(part, 'A part.'),
      count: optional(integer(1, 2), 'How many.'),
      kind: optional(choice(['a', 'b']), 'Which.'),
    },
    [['count'], ['kind']],
  );
  const reference = { $ref: '#/definitions/part' };
  assert.deepEqual(documentJsonSchema('A title', shape), {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A title',
    type: 'object',
    additionalProperties: false,
    properties: {
      part: { description: 'A part.', allOf: [reference] },
      count: { description: 'How many.', type: 'integer', minimum: 1, maximum: 2 },
      kind: { description: 'Which.', type: 'string', enum: ['a', 'b'] },
    },
    required: ['part'],
    oneOf: [
      { required: ['count'], properties: { kind: false } },
      { required: ['kind'], properties: { count: false } },
    ],
    definitions: {
      part: {
        anyOf: [
          { type: ['string', 'number', 'boolean'], minLength: 1, maxLength: 5 },
          {
            type: 'object',
            additionalProperties: false,
            properties: {
              all: {
                description: 'All.',
                type: 'array',
                items: reference,
                minItems: 1,
                maxItems: 3,
              },
            },
          },
        ],
      },
    },
  });
});

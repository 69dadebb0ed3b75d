import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaText } from './schema-text.ts';

test('a schema is written in the words of TypeScript', () => {
  const point = {
    type: 'object',
    properties: {
      kind: { const: 'point' },
      tags: { type: 'array', items: { enum: ['a', 'b'] } },
      at: { type: ['string', 'null'], format: 'date-time', description: 'RFC 3339.' },
    },
    required: ['kind'],
    additionalProperties: false,
  };
  assert.equal(schemaText(point), '{ kind: "point", tags?: ("a" | "b")[], at?: date-time | null }');
  assert.equal(
    schemaText(point, ''),
    '{\n  kind: "point"\n  tags?: ("a" | "b")[]\n  at?: date-time | null  // RFC 3339.\n}',
  );
});

test('what says no type, and what says several, is written, too', () => {
  assert.equal(schemaText({}), 'any');
  assert.equal(schemaText({ properties: { a: { type: 'integer' } } }), '{ a?: integer, … }');
  assert.equal(schemaText({ $ref: '#/components/schemas/Problem' }), 'Problem');
  assert.equal(schemaText({ oneOf: [{ const: 1 }, { type: 'boolean' }] }), '1 | boolean');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NumberProperty, Property } from './property.ts';
import { formatValue, readValue } from './property-value.ts';

const said = { text: 'A property.', why: 'For tests.' };
const numbers: readonly NumberProperty[] = [
  { ...said, type: 'duration', default: 5, least: 0, most: 1e12 },
  { ...said, type: 'bytes', default: 5, least: 0, most: 1e15 },
  { ...said, type: 'integer', default: 5, least: 0, most: 1e15 },
];
const others: readonly Property[] = [
  ...numbers,
  { ...said, type: 'ratio', default: 0, least: 0, most: 1 },
  { ...said, type: 'boolean', default: true },
  { ...said, type: 'text', default: '' },
  { ...said, type: 'list', default: [] },
  { ...said, type: 'secret', default: '' },
];

test('what is written is read back the same', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 1e12 }),
    fc
      .tuple(fc.integer({ min: 0, max: 999 }), fc.constantFrom(1000, 1024, 60_000, 1 << 20))
      .map(([count, unit]) => count * unit),
  );
  fc.assert(
    fc.property(fc.constantFrom(...numbers), value, (property, number) => {
      assert.deepEqual(readValue(property, formatValue(property, number)), { value: number });
    }),
  );
});

test('whatever is given is a value in the range or a problem, and never throws', () => {
  const raw = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.stringMatching(/^[\d._e+-]{1,8} ?[a-zA-Z%]{0,3}$/),
  );
  fc.assert(
    fc.property(fc.constantFrom(...others), raw, (property, given) => {
      const read = readValue(property, given);
      if ('problem' in read) assert.match(read.problem, /./);
      else if ('least' in property) {
        assert.ok(Number(read.value) >= property.least && Number(read.value) <= property.most);
      }
    }),
    { numRuns: 2_000 },
  );
});

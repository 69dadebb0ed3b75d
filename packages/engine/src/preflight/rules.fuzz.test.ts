/* Servers, files and machines say anything: no rule may fail over it, and what it finds can be shown in a line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allRules } from './all-rules.ts';
import type { Facts } from './facts.ts';
import { judge } from './judge.ts';
import { healthyCluster } from './testing/healthy-facts.ts';

const oddNumbers = [0, -1, 1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, Number.MIN_VALUE];
const oddTexts = ['', '-1', 'none', '1e999', '9'.repeat(40), 'true', 'SimpleStrategy', '0ms'];

/** Values of the same type in place of those that are there, lists of other lengths, keys that are missing. */
function like(value: unknown): fc.Arbitrary<unknown> {
  const kept = { arbitrary: fc.constant(value), weight: 4 };
  if (typeof value === 'number') {
    return fc.oneof(kept, fc.constantFrom(...oddNumbers), fc.double(), fc.integer());
  }
  if (typeof value === 'string') return fc.oneof(kept, fc.constantFrom(...oddTexts), fc.string());
  if (typeof value === 'boolean') return fc.boolean();
  if (Array.isArray(value)) {
    const [first] = value;
    return first === undefined
      ? fc.constant([])
      : fc.array(fc.oneof(...value.map(like)), { maxLength: 12 });
  }
  if (typeof value !== 'object' || value === null) return fc.constant(value);
  return fc.record(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, like(one)])));
}

const openTables = new Set([
  'settings',
  'places',
  'values',
  'keyspaces',
  'cursors',
  'replication',
  'advice',
]);

/** Tables by name that somebody else fills may lack any of their entries. */
function thinned(value: unknown, random: () => number, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => thinned(one, random));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key]) =>
      !openTables.has(name) || typeof Reflect.get(value, key) === 'object' || random() > 0.3,
  );
  return Object.fromEntries(entries.map(([key, one]) => [key, thinned(one, random, key)]));
}

const fact = (value: unknown) =>
  fc.oneof(
    { arbitrary: like(value).map((one) => ({ value: one })), weight: 8 },
    fc.record({ unasked: fc.string() }),
    fc.record({ unasked: fc.string(), refused: fc.constant(true as const) }),
  );

const anyFacts = fc.record(
  Object.fromEntries(Object.entries(healthyCluster).map(([name, value]) => [name, fact(value)])),
  { requiredKeys: [] },
);

test('no rule throws, whatever the facts, and all that it says is text', () => {
  fc.assert(
    fc.property(
      anyFacts,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (facts, chance) => {
        const random = () => chance.next().value ?? 1;
        const { findings, checked, unasked } = judge(allRules, thinned(facts, random) as Facts);
        for (const { values, change } of findings) {
          for (const { what, value, source } of values) {
            for (const text of [what, value, source, change]) assert.equal(typeof text, 'string');
          }
        }
        const skipped = unasked.flatMap(({ rules }) => rules);
        assert.equal(new Set([...checked, ...skipped]).size, checked.length + skipped.length);
      },
    ),
    { numRuns: 2_000 },
  );
});

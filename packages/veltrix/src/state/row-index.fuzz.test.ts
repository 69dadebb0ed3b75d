import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { RowIndex } from './row-index.ts';
import { Table } from './table.ts';

/** Few ids, so that they are removed and come again; the large ones have all bits. */
const id = fc.tuple(
  fc.constantFrom(0, 1, 2, 3, -1, 0x7fff_ffff, -0x8000_0000),
  fc.integer({ min: -3, max: 60 }),
);
const step = fc.record({ id, isRemoval: fc.boolean() });

function addRow(table: Table, low: number, high: number): number {
  const row = table.add();
  const { words } = table.write(row);
  words[table.at(row)] = low;
  words[table.at(row) + 1] = high;
  return row;
}

describe('a row index', () => {
  test('finds what a map finds, through insertions, removals and rebuilds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const table = new Table('things', 8, 10_000);
        const index = new RowIndex(table);
        const expected = new Map<string, number>();
        for (const {
          id: [low, high],
          isRemoval,
        } of steps) {
          const key = `${low} ${high}`;
          const row = expected.get(key);
          assert.equal(index.find(low, high), row ?? -1);
          if (row === undefined) {
            expected.set(key, addRow(table, low, high));
            index.insert(expected.get(key)!);
          } else if (isRemoval) {
            index.remove(row);
            expected.delete(key);
          }
        }
        const kept = new Set(expected.values());
        index.rebuild((row) => kept.has(row));
        for (const [key, row] of expected) {
          const [low, high] = key.split(' ').map(Number);
          assert.equal(index.find(low!, high!), row);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('grows far beyond its first size', () => {
    const table = new Table('things', 16, 100_000);
    const index = new RowIndex(table);
    for (let row = 0; row < 50_000; row++) {
      table.add();
      table.write(row).words.set([row, row * 7], table.at(row));
      index.insert(row);
    }
    for (let row = 0; row < 50_000; row += 97) {
      assert.equal(index.find(row, row * 7), row);
      assert.equal(index.find(row, row * 7 + 1), -1);
    }
  });

  test('removing a row that is not there changes nothing', () => {
    const table = new Table('things', 8, 10);
    const index = new RowIndex(table);
    index.insert(addRow(table, 1, 1));
    index.remove(addRow(table, 2, 2));
    assert.equal(index.find(1, 1), 0);
  });
});

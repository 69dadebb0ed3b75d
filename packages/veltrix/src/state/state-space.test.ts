import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StateSpace } from './state-space.ts';
import { pageBytes } from './table.ts';

function spaceWith(rows: number, value: number): StateSpace {
  const space = new StateSpace(10);
  const table = space.table('things', 8);
  for (let row = 0; row < rows; row++) table.write(table.add()).words[table.at(row)] = value;
  return space;
}

describe('a state space', () => {
  test('has the same hash for the same rows only', () => {
    assert.equal(spaceWith(3, 1).hash(), spaceWith(3, 1).hash());
    assert.notEqual(spaceWith(3, 1).hash(), spaceWith(3, 2).hash());
    assert.notEqual(spaceWith(3, 1).hash(), spaceWith(4, 1).hash());
    const other = new StateSpace(10);
    other.table('other', 8);
    assert.notEqual(other.hash(), spaceWith(0, 0).hash());
  });

  test('leaves what lies behind the last row out of the hash', () => {
    const space = spaceWith(1, 1);
    space.tables[0]!.pages[0]!.words[1_000] = 5;
    assert.equal(space.hash(), spaceWith(1, 1).hash());
  });

  test('a table that says its own limit has that one, others that of the space; and whole pages of memory', () => {
    const space = new StateSpace(2);
    const [low, high, usual] = [
      space.table('low', 8, 1),
      space.table('high', 8, 9),
      space.table('usual', 8),
    ];
    assert.deepEqual([low.room, high.room, usual.room], [1, 9, 2]);
    high.add();
    assert.equal(space.bytes(), pageBytes);
  });
});

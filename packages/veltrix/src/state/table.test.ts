import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pageBytes, Table } from './table.ts';

const rowBytes = 4_096;
const rowsPerPage = pageBytes / rowBytes;

/** A table of three pages whose rows hold their numbers. */
function threePages(): Table {
  const table = new Table('things', rowBytes, 100);
  for (let row = 0; row < rowsPerPage * 3; row++) set(table, table.add(), row);
  return table;
}

function set(table: Table, row: number, value: number): void {
  table.write(row).words[table.at(row)] = value;
}

/** First words of the rows of a page. */
function firstWords(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: rowsPerPage }, (_, row) => view.getInt32(row * rowBytes, true));
}

function takeAll(table: Table, numbers: readonly number[]): number[][] {
  return numbers.map((number) => firstWords(table.takeSnapshotPage(number)));
}

describe('a table', () => {
  test('has a limit, and says which', () => {
    const table = new Table('things', 8, 2);
    table.add();
    assert.equal(table.room, 1);
    table.checkRoom(1);
    assert.throws(() => table.checkRoom(2), { id: 'veltrix-state-full' });
    table.add();
    assert.equal(table.room, 0);
    assert.throws(() => table.add(), {
      id: 'veltrix-state-full',
      details: { table: 'things', limit: 2 },
    });
    assert.equal(table.rows, 2);
  });

  test('refuses rows that do not line up', () => {
    for (const bytes of [0, 4, 12, pageBytes + 8]) {
      assert.throws(() => new Table('things', bytes, 1), RangeError);
    }
  });

  test('a snapshot holds the pages as they were when it began', () => {
    const table = threePages();
    const numbers = table.beginSnapshot(false);
    assert.deepEqual(numbers, [0, 1, 2]);
    set(table, 0, -1);
    set(table, 0, -2);
    const first = takeAll(table, [0]);
    set(table, 1, -3);
    set(table, 4, -4);
    assert.deepEqual(
      [...first, ...takeAll(table, [1, 2])],
      [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 10, 11],
      ],
    );
    table.endSnapshot();
    assert.deepEqual(
      [0, 1, 4].map((row) => table.page(row).words[table.at(row)]),
      [-2, -3, -4],
    );
  });

  test('the next snapshot holds what changed since the last one began, and only that', () => {
    const table = threePages();
    const all = table.beginSnapshot(false);
    set(table, 0, -1);
    takeAll(table, all);
    set(table, 8, -2);
    table.endSnapshot();
    const changed = table.beginSnapshot(false);
    assert.deepEqual(changed, [0, 2]);
    assert.deepEqual(takeAll(table, changed), [
      [-1, 1, 2, 3],
      [-2, 9, 10, 11],
    ]);
    table.endSnapshot();
    assert.deepEqual(table.beginSnapshot(false), []);
  });

  test('a snapshot of every page takes the clean ones too', () => {
    const table = threePages();
    takeAll(table, table.beginSnapshot(false));
    table.endSnapshot();
    assert.deepEqual(table.beginSnapshot(true), [0, 1, 2]);
  });

  test('what a given-up snapshot had taken counts as changed again', () => {
    const table = threePages();
    const numbers = table.beginSnapshot(false);
    takeAll(table, [0]);
    set(table, 4, -1);
    table.abortSnapshot(numbers);
    assert.deepEqual(table.beginSnapshot(false), [0, 1, 2]);
  });

  test('restored pages are clean and hold what they held', () => {
    const from = threePages();
    const to = new Table('things', rowBytes, 100);
    to.rows = from.rows;
    for (const number of from.beginSnapshot(true)) {
      to.restorePage(number, from.takeSnapshotPage(number));
    }
    assert.deepEqual(to.beginSnapshot(false), []);
    to.endSnapshot();
    assert.equal(to.page(11).words[to.at(11)], 11);
    assert.equal(to.add(), 12);
    assert.deepEqual(to.beginSnapshot(false), [3]);
  });
});

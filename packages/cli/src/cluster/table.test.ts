import assert from 'node:assert/strict';
import { test } from 'node:test';
import { table } from './table.ts';

const columns = [{ title: 'node' }, { title: 'owns', isNumber: true }, { title: 'zone' }] as const;
const rows = [
  ['one', '12', 'east'],
  ['twenty-two', '3', '-'],
];

test('rows stand under their titles, numbers to the right, nothing at the end of a line', () => {
  assert.equal(
    table(columns, rows, 80),
    ['node        owns  zone', 'one           12  east', 'twenty-two     3  -', ''].join('\n'),
  );
});

test('where they do not fit, each row is a few lines', () => {
  const narrow = table(columns, [...rows, ['three', '1', 'a-zone-with-a-long-name-indeed']], 40);
  assert.match(narrow, /^node one\n {2}owns 12, zone east\nnode twenty-two\n/);
  for (const line of narrow.split('\n')) assert.ok(line.length <= 40, line);
});

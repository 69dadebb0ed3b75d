import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standingsFile } from './standings-file.ts';

const row = (rank: number, name: string, points = 1) => ({ rank, name, points, penaltySeconds: 9 });

test('equals share a rank, stand by name, and the next one skips', () => {
  assert.equal(
    standingsFile([row(2, 'b'), row(1, 'z', 2), row(2, 'a'), row(4, 'c', 0)]),
    'rank,team,points,penaltySeconds\n1,z,2,9\n2,a,1,9\n2,b,1,9\n4,c,0,9\n',
  );
});

test('ranks are among the rows given', () => {
  const lines = standingsFile([row(3, 'b'), row(7, 'c', 0)]).split('\n');
  assert.deepEqual(lines.slice(1, 3), ['1,b,1,9', '2,c,0,9']);
});

test('names are quoted where CSV needs it and ordered by code point', () => {
  const file = standingsFile([row(1, '\u{1F600}'), row(1, '\uFB00'), row(1, 'a "b", c')]);
  assert.equal(
    file,
    'rank,team,points,penaltySeconds\n1,"a ""b"", c",1,9\n1,\uFB00,1,9\n1,\u{1F600},1,9\n',
  );
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { RankedRows } from './ranked-rows.ts';
import { TeamColumns } from './team-columns.ts';

/*
 * Random changes of random teams, many more than a block holds, against a sorted array. Teams move in
 * waves to one end, so that blocks drain, merge, vanish and come back.
 */
const wave = fc.record({
  adds: fc.integer({ min: 0, max: 900 }),
  moves: fc.integer({ min: 0, max: 1500 }),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  points: fc.integer({ min: -3, max: 40 }),
  spread: fc.integer({ min: 1, max: 30 }),
  rebuild: fc.boolean(),
});

it('ranks and selects like a sorted array', () => {
  fc.assert(
    fc.property(fc.array(wave, { minLength: 1, maxLength: 6 }), (waves) => {
      const columns = new TeamColumns();
      const ranked = new RankedRows(columns);
      for (const { adds, moves, from, points, spread, rebuild } of waves) {
        for (let count = 0; count < adds; count++) {
          ranked.insert(columns.add(Math.imul(columns.rows + 1, 0x9e3779b1), columns.rows % 7));
        }
        for (let count = 0; count < moves && columns.rows > 0; count++) {
          const row = (Math.floor(columns.rows * from) + count) % columns.rows;
          ranked.remove(row);
          columns.points[row] = points + (count % spread);
          columns.lastScoreAt[row] = count % 3;
          ranked.insert(row);
        }
        if (rebuild) ranked.rebuild();
        check(columns, ranked);
      }
    }),
    { numRuns: 60 },
  );
});

function check(columns: TeamColumns, ranked: RankedRows): void {
  const { points, lastScoreAt, idHigh, idLow } = columns;
  const expected = Array.from({ length: columns.rows }, (_, row) => row).sort(
    (one, other) =>
      points[other]! - points[one]! ||
      lastScoreAt[one]! - lastScoreAt[other]! ||
      (idHigh[one]! >>> 0) - (idHigh[other]! >>> 0) ||
      (idLow[one]! >>> 0) - (idLow[other]! >>> 0),
  );
  const all: number[] = [];
  ranked.visit(0, Number.POSITIVE_INFINITY, (row) => all.push(row));
  assert.deepEqual(all, expected);
  for (let position = 0; position < expected.length; position += 97) {
    const some: number[] = [];
    ranked.visit(position, 5, (row) => some.push(row));
    assert.deepEqual(some, expected.slice(position, position + 5));
    const row = expected[position]!;
    const before = expected.findIndex(
      (other) => points[other] === points[row] && lastScoreAt[other] === lastScoreAt[row],
    );
    assert.equal(ranked.countBefore(points[row]!, lastScoreAt[row]!), before);
  }
}

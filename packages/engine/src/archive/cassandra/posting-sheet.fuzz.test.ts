import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PostingSheet, visitPostings } from './posting-sheet.ts';

const posting = fc.record({
  key: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  delta: fc.nat({ max: 2 ** 32 - 1 }),
  index: fc.nat({ max: 5 }),
});

test('every posting is found in the rows of its shard, in order, and rows stay small', () => {
  const shards = fc.constantFrom(1, 4, 256);
  const sizes = fc.constantFrom(1, 300);
  fc.assert(
    fc.property(fc.array(posting, { maxLength: 60 }), shards, sizes, (some, shardCount, times) => {
      const postings = Array.from({ length: times }, () => some).flat();
      const sheet = new PostingSheet();
      for (const { key, delta, index } of postings) sheet.add(key, delta, index);
      const rows = sheet.rows(shardCount);
      for (const row of rows) {
        assert.ok(row.bytes.length <= 4096 * 12);
        assert.equal(row.bytes.length % 12, 0);
        assert.deepEqual(
          [row.bytes.readUInt32LE(4), row.bytes.readUInt32LE(8)],
          [row.delta, row.index],
        );
      }
      for (const key of new Set(some.map((one) => one.key))) {
        const found: string[] = [];
        for (const row of rows) {
          if (row.shard !== key % shardCount) continue;
          visitPostings(row.bytes, key, (delta, index) => found.push(`${delta}.${index}`));
        }
        const added = postings.filter((one) => one.key === key);
        const wanted = added.map(({ delta, index }) => `${delta}.${index}`);
        assert.deepEqual(withoutRuns(found), withoutRuns(wanted));
      }
    }),
    { numRuns: 60 },
  );
});

function withoutRuns(items: readonly string[]): string[] {
  return items.filter((item, place) => item !== items[place - 1]);
}

import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { mergedRuns, PostingBuffer, type PostingRun } from './posting-run.ts';

const key = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const position = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 2 ** 53 - 1 }));
const pairs = fc.array(fc.tuple(key, position), { maxLength: 200 });
type Pair = readonly [number, number];

function inOrder(list: readonly Pair[]): Pair[] {
  return [...list].sort((one, other) => one[0] - other[0] || one[1] - other[1]);
}

function once(list: readonly Pair[]): Pair[] {
  return list.filter((pair, index) => index === 0 || String(pair) !== String(list[index - 1]));
}

function pairsOf(run: PostingRun): Pair[] {
  return Array.from(run.keys, (own, index): Pair => [own, run.positions[index]!]);
}

function sorted(buffer: PostingBuffer, list: readonly Pair[]): PostingRun {
  for (const [own, at] of [...list].sort((one, other) => one[1] - other[1])) buffer.add(own, at);
  return buffer.takeSorted();
}

it('sorts postings by key and position, each once, and merges runs without losing one', () => {
  const buffer = new PostingBuffer();
  fc.assert(
    fc.property(fc.array(pairs, { maxLength: 9 }), (lists) => {
      const runs = lists.map((list) => sorted(buffer, list));
      for (const [index, run] of runs.entries()) {
        assert.deepEqual(pairsOf(run), once(inOrder(lists[index]!)));
      }
      assert.deepEqual(pairsOf(mergedRuns(runs)), inOrder(runs.flatMap(pairsOf)));
    }),
    { numRuns: 200 },
  );
});

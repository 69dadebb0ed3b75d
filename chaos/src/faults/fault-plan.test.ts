import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  drawFaults,
  type Fault,
  type FaultKindName,
  faultKinds,
  faultNames,
} from './fault-plan.ts';

function first(seed: number, count: number, kinds: readonly FaultKindName[] = faultNames): Fault[] {
  const drawn = drawFaults(seed, kinds);
  return Array.from({ length: count }, () => drawn.next().value);
}

test('the same seed draws the same faults, another one others', () => {
  assert.deepEqual(first(5, 100), first(5, 100));
  assert.notDeepEqual(first(5, 100), first(6, 100));
});

test('all kinds come before one comes again, each on something it can be done to', () => {
  const drawn = first(3, 3 * faultNames.length);
  for (let round = 0; round < 3; round++) {
    const kinds = drawn
      .slice(round * faultNames.length, (round + 1) * faultNames.length)
      .map(({ kind }) => kind);
    assert.deepEqual(kinds.toSorted(), faultNames.toSorted());
  }
  for (const { kind, target, parts, forMs } of drawn) {
    const { targets, forMs: range } = faultKinds[kind];
    assert.ok((targets as readonly string[]).includes(target), `${kind} ${target}`);
    assert.ok(parts.length > 0);
    assert.ok(forMs >= range[0] && forMs <= range[1]);
  }
});

test('who is frozen sleeps longer than a session', () => {
  for (const { kind, forMs } of first(9, 200)) {
    if (kind.endsWith('-freeze')) assert.ok(forMs > 3_000, `${kind} ${forMs}`);
  }
});

test('what is done to all of a kind excludes what is done to one', () => {
  const one = first(1, 50, ['processor-kill'])[0]!;
  const all = first(1, 1, ['processors-kill-all'])[0]!;
  assert.ok(one.parts.every((part) => all.parts.includes(part)));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blockedCycles, reachableSteps } from './reachability.ts';
import { type Requirement, requirementMet, visitSteps } from './requirement.ts';

const all = (...items: Requirement['items']): Requirement => ({
  kind: 'all',
  count: items.length,
  items,
});
const any = (...items: Requirement['items']): Requirement => ({ kind: 'any', count: 1, items });
const atLeast = (count: number, ...items: Requirement['items']): Requirement => ({
  kind: 'atLeast',
  count,
  items,
});
const met = (requirement: Requirement | null, ...solved: number[]): boolean =>
  requirementMet(requirement, (step) => solved.includes(step));

test('all, any, at least, nested and none', () => {
  assert.ok(met(null));
  assert.ok(met(all(1, 2), 2, 1));
  assert.ok(!met(all(1, 2), 2));
  assert.ok(met(any(1, 2), 2));
  assert.ok(!met(any(1, 2), 3));
  assert.ok(met(atLeast(2, 1, 2, 3), 3, 1));
  assert.ok(!met(atLeast(2, 1, 2, 3), 3));
  assert.ok(met(all(1, any(2, atLeast(2, 3, 4, 5))), 1, 5, 3));
  assert.ok(!met(all(1, any(2, atLeast(2, 3, 4, 5))), 1, 5));
});

test('judging stops as soon as the result is known', () => {
  const asked: number[] = [];
  const ask = (step: number): boolean => {
    asked.push(step);
    return step === 1;
  };
  assert.ok(requirementMet(any(1, 2, 3), ask));
  assert.deepEqual(asked.splice(0), [1]);
  assert.ok(!requirementMet(atLeast(3, 1, 2, 1), ask));
  assert.deepEqual(asked, [1, 2]);
});

test('any requirement is judged as a plain count of its items would', () => {
  const { requirement } = fc.letrec<{ requirement: Requirement }>((tie) => ({
    requirement: fc
      .tuple(
        fc.nat(6),
        fc.array(fc.oneof({ maxDepth: 3 }, fc.nat(7), tie('requirement')), { maxLength: 5 }),
      )
      .map(([count, items]) => ({ kind: 'atLeast' as const, count, items })),
  }));
  const plainly = ({ count, items }: Requirement, solved: ReadonlySet<number>): boolean =>
    items.filter((item) => (typeof item === 'number' ? solved.has(item) : plainly(item, solved)))
      .length >= count;
  fc.assert(
    fc.property(requirement, fc.uniqueArray(fc.nat(7)), (tree, steps) => {
      const solved = new Set(steps);
      assert.equal(
        requirementMet(tree, (step) => solved.has(step)),
        plainly(tree, solved),
      );
    }),
  );
});

test('steps are visited in the order written, repeats included', () => {
  const steps: number[] = [];
  visitSteps(all(3, any(1, 2), 3), (step) => steps.push(step));
  assert.deepEqual(steps, [3, 1, 2, 3]);
});

test('reachability: a chain, a circle, what is behind it, and a way around one', () => {
  const chain = [null, all(0), all(1)];
  assert.deepEqual([...reachableSteps(chain)], [0, 1, 2]);

  const circle = [null, all(3), all(1), all(2), all(3, 0)];
  const reachable = reachableSteps(circle);
  assert.deepEqual([...reachable], [0]);
  assert.deepEqual(blockedCycles(circle, reachable), [[1, 2, 3]]);

  const around = [null, any(0, 2), all(1)];
  assert.equal(reachableSteps(around).size, 3);

  const itself = [all(0), null];
  assert.deepEqual(blockedCycles(itself, reachableSteps(itself)), [[0]]);

  const two = [all(1), all(0), all(3), all(2)];
  assert.deepEqual(blockedCycles(two, new Set()), [
    [0, 1],
    [2, 3],
  ]);
});

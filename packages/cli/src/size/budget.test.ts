import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetFrom } from './budget.ts';

test('a budget has some of its parts, in any order', () => {
  assert.deepEqual(budgetFrom('nodes=6'), { nodes: 6 });
  assert.deepEqual(budgetFrom('memory=8GiB, cores=4,price=0.12,per-hour=1.5'), {
    ...{ memoryBytes: 8 * 2 ** 30, cores: 4, price: 0.12, pricePerHour: 1.5 },
  });
});

test('what is no part of a budget is refused', () => {
  for (const text of ['', 'nodes', 'nodes=', 'nodes=x', 'nodes=1,nodes=2', 'cpus=4', 'nodes=1=2']) {
    assert.throws(() => budgetFrom(text), { id: 'cli-flag-value-invalid' }, text);
  }
  assert.throws(() => budgetFrom('memory=much'), /but is "memory=much"/);
});

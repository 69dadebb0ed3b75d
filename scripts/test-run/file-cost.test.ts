import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from '../repository.ts';
import { fileCost, fileCosts, machineCores } from './file-cost.ts';

test('files whose costs are known are there, and can be fitted in', () => {
  const files = new Set(sourceFiles());
  for (const [file, { seconds, cores }] of Object.entries(fileCosts)) {
    assert.ok(files.has(file), `${file} is no more: take it out of scripts/test-run/file-cost.ts`);
    assert.ok(seconds > 0 && cores > 0 && cores <= machineCores, file);
  }
});

test('a test with servers of which nothing is known has the machine to itself', () => {
  assert.equal(fileCost('packages/new/src/new.int.test.ts').cores, machineCores);
  assert.ok(fileCost('packages/new/src/new.test.ts').cores < machineCores);
});

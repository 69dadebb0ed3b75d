import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineSchema } from '../engine-settings.ts';
import { isOfClusterFile } from './cluster-file.ts';
import { clusterSchema } from './cluster-settings.ts';

// `--set` says of no file what it is for: the name alone tells.
test('no setting of the engine could be one of the cluster file, nor the other way round', () => {
  const shared = engineSchema.scopes.filter((scope) => clusterSchema.scopes.includes(scope));
  assert.deepEqual(shared, []);
  for (const path of engineSchema.paths.keys()) assert.ok(!isOfClusterFile(path), path);
  for (const path of clusterSchema.paths.keys()) {
    assert.ok(isOfClusterFile(path), path);
    assert.equal(engineSchema.nameAt(path), undefined, path);
  }
});

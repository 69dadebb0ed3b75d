import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { directoryFacts, machineFacts } from './machine-probe.ts';

let root: string;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-preflight-'));
});
after(() => rmSync(root, { recursive: true }));

function deploymentOf(directory: string, asked: Parameters<typeof directoryFacts>[1] = {}) {
  const { deployment } = directoryFacts(directory, asked);
  assert.ok(deployment && 'value' in deployment);
  return deployment.value;
}

test('this machine has memory, cores and a heap that is smaller than memory', () => {
  const { memory, cores, openFilesMax } = machineFacts();
  assert.ok(memory && 'value' in memory && cores && 'value' in cores && openFilesMax);
  assert.ok(memory.value.bytes > 0 && memory.value.bytes <= totalmem());
  assert.ok(memory.value.heapMaxBytes > 0);
  assert.equal(cores.value, availableParallelism());
  if (process.platform === 'linux') assert.ok('value' in openFilesMax && openFilesMax.value > 0);
});

test('a new directory has what is asked for, and an old one what it was made with', () => {
  const missing = path.join(root, 'not', 'there');
  assert.equal(deploymentOf(missing).partitions, 1);
  const { partitions, dedupeWindow, source } = deploymentOf(missing, {
    ...{ partitions: 8, dedupeWindow: 1_024 },
  });
  assert.deepEqual([partitions, dedupeWindow, source], [8, 1_024, 'for a new data directory']);
  const made = path.join(root, 'made');
  for (const name of ['p-0000', 'p-0001', 'p-0002', 'lost+found']) {
    mkdirSync(path.join(made, 'log', name), { recursive: true });
  }
  const old = deploymentOf(made, { partitions: 8 });
  assert.deepEqual([old.partitions, old.source], [3, made]);
});

test('the disk is that of the first directory above which is there', () => {
  const { disk } = directoryFacts(path.join(root, 'not', 'there'), {});
  assert.ok(disk && 'value' in disk);
  assert.ok(disk.value.totalBytes >= disk.value.freeBytes && disk.value.freeBytes > 0);
});

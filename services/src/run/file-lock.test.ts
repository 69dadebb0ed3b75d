import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { withFileLock } from './file-lock.ts';
import { processIdentity } from './process-identity.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'hunt-lock-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

test('tasks under one lock never overlap, and it is free afterwards', async (t) => {
  const at = folder(t);
  let inside = 0;
  const task = async () => {
    inside += 1;
    assert.equal(inside, 1);
    await new Promise(setImmediate);
    inside -= 1;
  };
  const lock = path.join(at, 'lock');
  await Promise.all([1, 2, 3].map(() => withFileLock(lock, 30_000, task)));
  await assert.rejects(
    withFileLock(lock, 30_000, () => Promise.reject(new Error('the task failed'))),
    /the task failed/,
  );
  await withFileLock(lock, 30_000, task);
  assert.deepEqual(readdirSync(at), []);
});

test('a lock that is held too long is told with its owner', async (t) => {
  const lock = path.join(folder(t), 'lock');
  writeFileSync(lock, JSON.stringify(processIdentity(process.pid)));
  await assert.rejects(
    withFileLock(lock, 10, async () => undefined),
    new RegExp(`lock is held for more than 10 ms by .*"pid":${process.pid}`),
  );
});

for (const [what, owner] of [
  ['a process that has ended', JSON.stringify({ pid: 2 ** 30, started: '1' })],
  ['an earlier process with the number of one that runs', `{"pid":${process.pid},"started":"-1"}`],
  ['a torn write', '{"pid'],
] as const) {
  test(`the lock of ${what} is taken over`, async (t) => {
    const lock = path.join(folder(t), 'lock');
    writeFileSync(lock, owner);
    assert.equal(await withFileLock(lock, 30_000, async () => 'mine'), 'mine');
  });
}

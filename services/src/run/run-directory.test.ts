// Servers must end with whoever started them, however that ended: a process of its own starts two
// that ignore SIGTERM, and is then killed or stopped in every way.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { processIdentity } from './process-identity.ts';
import { RunDirectory } from './run-directory.ts';

interface Orphans {
  readonly pids: readonly number[];
  readonly directory: string;
}

async function makeOrphans(): Promise<{ parent: ChildProcess; orphans: Orphans }> {
  const program = path.join(import.meta.dirname, '../testing/orphan-maker.ts');
  const parent = spawn(process.execPath, [program], {
    detached: true,
    stdio: ['ignore', 'pipe', 2],
  });
  const [line] = await once(parent.stdout!, 'data');
  return { parent, orphans: JSON.parse(String(line)) as Orphans };
}

for (const [how, end] of [
  ['SIGKILL', (parent: ChildProcess) => parent.kill('SIGKILL')],
  ['SIGTERM', (parent: ChildProcess) => parent.kill('SIGTERM')],
  ['SIGKILL to its whole group', ({ pid }: ChildProcess) => process.kill(-pid!, 'SIGKILL')],
] as const) {
  test(`servers and their directory are gone after ${how} to who started them`, async () => {
    const { parent, orphans } = await makeOrphans();
    assert.equal(orphans.pids.length, 2);
    for (const pid of orphans.pids) assert.ok(processIdentity(pid));
    assert.ok(existsSync(orphans.directory));
    const ended = once(parent, 'exit');
    end(parent);
    await ended;
    for (const pid of orphans.pids) {
      await eventually(`${pid} has ended`, () => processIdentity(pid) === undefined);
    }
    await eventually(`${orphans.directory} is gone`, () => !existsSync(orphans.directory));
  });
}

test('what was released is left as it is', async (t) => {
  const directory = new RunDirectory('released');
  t.after(() => rmSync(directory.path, { recursive: true }));
  const sleeper = spawn('sleep', ['60']);
  t.after(() => sleeper.kill('SIGKILL'));
  directory.guard(sleeper.pid!);
  await directory.release();
  await directory.release();
  writeFileSync(path.join(directory.path, 'kept'), '');
  assert.ok(processIdentity(sleeper.pid!));
});

test('a removed directory is gone, and no guard waits for it', async () => {
  const directory = new RunDirectory('removed');
  writeFileSync(path.join(directory.path, 'file'), '');
  await directory.remove();
  await directory.remove();
  assert.equal(existsSync(directory.path), false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from './command.ts';

/** Starts a process with a group of its own that lives for 20 s and holds the output, tells its id, and does `then`. */
const withGrandchild = (then: string) => `
  const { spawn } = require('node:child_process');
  const line = ['-e', 'setTimeout(() => {}, 20_000)'];
  const grandchild = spawn(process.execPath, line, { detached: true, stdio: 'inherit' });
  grandchild.unref();
  process.stdout.write(grandchild.pid + '\\n', () => { ${then} });`;

for (const [name, then] of [
  ['ends', ''],
  ['goes on', 'setInterval(() => {}, 1_000)'],
] as const) {
  test(`a limit holds where a process that left the group keeps the output open and the command ${name}`, async (t) => {
    const result = await runCommand(process.execPath, ['-e', withGrandchild(then)], 2_000);
    const grandchild = Number(result.output);
    assert.ok(grandchild > 0, result.output);
    t.after(() => {
      try {
        process.kill(grandchild, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    });
    assert.equal(result.timedOut, true);
    assert.ok(result.milliseconds < 12_000, `${result.milliseconds} ms`);
  });
}

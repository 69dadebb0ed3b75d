import { type ChildProcess, spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { onPath } from './on-path.ts';

/** Why no test can have a terminal here; false where it can. */
export const whyNoTerminal = !onPath('script') && 'needs: script';

/**
 * Runs a command of the shell on a terminal of its own, which is gone once what is returned is killed. `script` is that of
 * util-linux.
 *
 * @param log file that has what the command writes to the terminal
 */
export function startOnTerminal(t: TestContext, command: string, log: string): ChildProcess {
  const terminal = spawn('script', ['--quiet', '--flush', '--command', command, log], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  t.after(() => terminal.kill('SIGKILL'));
  return terminal;
}

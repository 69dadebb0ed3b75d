import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot } from '../repository.ts';

/** Output beyond this many characters is cut at the front: the end tells why a command failed. */
const outputMaxLength = 512 * 1024;

export interface CommandResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  /** Standard output and error as they came. */
  readonly output: string;
  readonly timedOut: boolean;
  readonly milliseconds: number;
}

const running = new Set<ChildProcess>();

/** Commands get a process group of their own, so that Ctrl-C and a time-out end their children too. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

/** Modules without their types, and compiled: most files load what another one has loaded before. */
const compiled = path.join(repositoryRoot, 'node_modules', '.cache', 'compiled');

function commandEnvironment(): NodeJS.ProcessEnv {
  // A test file that inherits this answers to the outer test runner and leaves no report of its own.
  const { NODE_TEST_CONTEXT: _outer, PATH = '', ...environment } = process.env;
  const bin = path.join(repositoryRoot, 'node_modules', '.bin');
  return { ...environment, PATH: `${bin}${path.delimiter}${PATH}`, NODE_COMPILE_CACHE: compiled };
}

/**
 * Runs a program from the root of the repository with the project's own Node and tools first on
 * the PATH. Never throws: a program that cannot be started gives code 127. After `timeoutMs`
 * the program and all that it started are killed, and output of what has left its process group is waited for no longer.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<CommandResult> {
  const started = performance.now();
  const child = spawn(program, args, {
    cwd: repositoryRoot,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: commandEnvironment(),
  });
  running.add(child);
  let output = '';
  let timedOut = false;
  const collect = (chunk: string) => {
    output = (output + chunk).slice(-outputMaxLength);
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
    // Else they close, and with them this command, only once nobody holds them.
    child.stdout.destroy();
    child.stderr.destroy();
  }, timeoutMs);
  return new Promise((resolve) => {
    const finish = (code: number | null) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output, timedOut, milliseconds: performance.now() - started });
    };
    child.once('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.once('exit', () => killGroup(child));
    child.once('close', finish);
  });
}

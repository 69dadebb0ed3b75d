import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command's own file: what Node runs as `hunt`. */
export const huntProgram = fileURLToPath(new URL('../../bin/hunt.js', import.meta.url));

export interface HuntRun {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the command as people do, to its end; ends it, and rejects, when the signal aborts. */
export function runHunt(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
  signal?: AbortSignal,
): Promise<HuntRun> {
  const child = spawn(process.execPath, [huntProgram, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(signal && { signal }),
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, errors }));
  });
}

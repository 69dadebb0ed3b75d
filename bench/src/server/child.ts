import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { nodeEnvironment, nodeFlags } from '@hunt/cli';

export interface Child<Facts> {
  /** What it announced. */
  readonly facts: Facts;
  readonly pid: number;
  /** The next line it prints after that. */
  nextLine(): Promise<string>;
  /** Ends its input and waits until it is gone. */
  stop(): Promise<void>;
  /** SIGTERM; waits until it is gone. */
  terminate(): Promise<void>;
  /** SIGKILL; waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a script of ours, or any program by its arguments, and waits for its first line, which is JSON. Node gets
 * the flags and variables of an engine, also where it runs what an engine is compared with. */
export async function startChild<Facts>(
  args: readonly (string | URL)[],
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Child<Facts>> {
  const words = args.map((arg) => (typeof arg === 'string' ? arg : arg.pathname));
  const child = spawn(process.execPath, [...nodeFlags, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...nodeEnvironment, ...process.env, ...options.env },
  });
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const line = await lines.next();
    if (line.done) throw new Error(`node ${words.join(' ')} ended: ${lastWords.trim()}`);
    return line.value;
  };
  const facts = JSON.parse(await nextLine()) as Facts;
  return {
    facts,
    pid: child.pid!,
    nextLine,
    stop: () => end(child, () => child.stdin.end()),
    terminate: () => end(child, () => child.kill('SIGTERM')),
    kill: () => end(child, () => child.kill('SIGKILL')),
  };
}

async function end(child: ChildProcess, ask: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  ask();
  await exited;
}

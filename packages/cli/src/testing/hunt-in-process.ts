import { run } from '../main.ts';
import type { HuntRun } from './hunt-process.ts';
import { MemoryTerminal, type MemoryTerminalOptions } from './memory-terminal.ts';

/** Runs the command in this process, to its end: sooner than `runHunt` does in one of its own. */
export async function huntInProcess(
  argv: readonly string[],
  options: MemoryTerminalOptions = {},
): Promise<HuntRun> {
  const terminal = new MemoryTerminal(options);
  const code = await run(argv, terminal);
  return { code, output: terminal.output, errors: terminal.errors };
}

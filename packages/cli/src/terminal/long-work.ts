import { type ExitCode, exitCode } from '../exit-code.ts';
import { listenForInterruption } from './interruption.ts';
import { type Progress, progressOn } from './progress.ts';
import type { Terminal } from './terminal.ts';

export interface LongWork {
  /** Aborts when the person at the terminal, or the system, wants it to end; the work then rejects. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Work that may be interrupted and says how far it is. What it rejects with after an interruption is no failure, it is
 * how it ended.
 */
export async function longWork(
  terminal: Terminal,
  json: boolean,
  work: (how: LongWork) => Promise<ExitCode>,
): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const { signal } = interruption;
  const progress = progressOn(terminal, json);
  try {
    return await work({ signal, progress });
  } catch (error) {
    if (signal.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    progress.clear();
    interruption.dispose();
  }
}

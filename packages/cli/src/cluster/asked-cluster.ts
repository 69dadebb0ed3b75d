import { hostname, userInfo } from 'node:os';
import type { ClusterControl, Wait } from '@hunt/engine/control';
import { numberFlagOr, requiredTextFlag } from '../arguments/flag.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { type Interruption, listenForInterruption } from '../terminal/interruption.ts';
import { progressOn } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

const hourSeconds = 3_600;

export const clusterFlag = requiredTextFlag(
  'FILE',
  'The cluster file; only what it says of ZooKeeper and the partitions is read.',
);

export const waitFlag = numberFlagOr(
  'SECONDS',
  'How long to wait until it is done; 0 only asks for it.',
  { least: 0, most: hourSeconds },
  60,
);

/** Joins the cluster that the file describes for as long as `ask` takes. */
export async function askCluster<Result>(
  { file, writes }: { readonly file: string; readonly writes: boolean },
  ask: (control: ClusterControl) => Promise<Result>,
): Promise<Result> {
  const { openClusterControl } = await import('@hunt/engine/control');
  const control = await openClusterControl({ file, writes, by: operator() });
  try {
    return await ask(control);
  } finally {
    await control.close();
  }
}

/** Waits with a line that shows what is still to come; Ctrl-C ends the wait, and what was asked for stands. */
export async function waiting<Result>(
  { seconds, json }: { readonly seconds: number; readonly json: boolean },
  terminal: Terminal,
  ask: (wait: Wait) => Promise<Result>,
): Promise<Result> {
  const progress = progressOn(terminal, json);
  const interruption: Interruption = listenForInterruption();
  try {
    return await ask({
      timeoutMs: seconds * 1_000,
      progress: (text) => progress.show(text),
      signal: interruption.signal,
    });
  } finally {
    progress.clear();
    interruption.dispose();
  }
}

/** What was asked for is done, or nobody waited for that; else somebody interrupted the wait. */
export function exitCodeOfWait(isDone: boolean, seconds: number): ExitCode {
  return isDone || seconds === 0 ? exitCode.ok : exitCode.interrupted;
}

/** Who is kept with each change. */
export function operator(): string {
  const host = hostname();
  try {
    return `${userInfo().username}@${host}`;
  } catch {
    // A user without a name, as in some containers.
    return host;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

const startMs = 15_000;

export interface PeerProgram {
  readonly file: string;
  readonly arguments: readonly string[];
  /** For servers that refuse to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Unix socket on which it takes clients. */
  readonly socket: string;
  /** SIGTERM unless the peer stops more quickly by another. */
  readonly stopSignal?: NodeJS.Signals;
}

/** Runs `task` while the peer's server runs on its socket, and stops it afterwards. */
export async function withPeer<Result>(
  program: PeerProgram,
  task: () => Promise<Result>,
): Promise<Result> {
  const child = spawn(program.file, program.arguments, {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...program.user,
  });
  let words = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1_000);
  });
  const ended = once(child, 'exit');
  try {
    await takesClients(program.socket, child, () => words);
    return await task();
  } finally {
    child.kill(program.stopSignal ?? 'SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await ended;
  }
}

async function takesClients(socket: string, child: ChildProcess, words: () => string) {
  const until = performance.now() + startMs;
  while (!(await connects(socket))) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended: ${words()}`);
    if (performance.now() > until) throw new Error(`${child.spawnfile} is silent: ${words()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function connects(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Reads `add PID` and `del PID` a line. When its input ends, because the process that writes them
 * stopped or was killed, it kills all that is left and removes the directory: $1. `release` ends
 * it and leaves all as it is. A killed Java process writes for a moment more, hence the tries.
 */
const guardScript = `
pids=" "
while read -r verb pid; do
  case $verb in
    add) pids="$pids$pid " ;;
    del) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
    release) exit 0 ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
for try in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$1" 2>/dev/null && sleep 0.2 && [ ! -e "$1" ] && exit 0
  sleep 0.2
done`;

/**
 * A temporary directory with the processes that work in it. Both end with the process that made
 * it, however that ends, SIGKILL included, unless they were released.
 */
export class RunDirectory {
  readonly path: string;
  readonly #guard: ChildProcess;

  constructor(name: string) {
    this.path = mkdtempSync(path.join(tmpdir(), `hunt-${name}-`));
    // A session of its own: it must outlive a signal to the whole group of its parent.
    this.#guard = spawn('/bin/sh', ['-c', guardScript, 'guard', this.path], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#guard.unref();
    // A guard that was killed guards no more; its servers run on.
    this.#guard.stdin?.on('error', () => undefined);
  }

  guard(pid: number): void {
    this.#tell(`add ${pid}`);
  }

  unguard(pid: number): void {
    this.#tell(`del ${pid}`);
  }

  /** Directory and processes outlive this process once it resolves. */
  async release(): Promise<void> {
    const ended = once(this.#guard, 'exit');
    if (this.#guard.exitCode !== null || this.#guard.signalCode !== null) return;
    this.#guard.ref();
    this.#tell('release');
    await ended;
  }

  /** Removes the directory; its processes must have ended. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await this.release();
  }

  #tell(line: string): void {
    this.#guard.stdin?.write(`${line}\n`);
  }
}

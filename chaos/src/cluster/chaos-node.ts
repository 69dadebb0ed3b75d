import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface ChaosNodeOptions {
  readonly name: string;
  /** What Node runs, with its flags. */
  readonly command: readonly string[];
  /** Its lines, over all its lives. */
  readonly logFile: string;
  /** Called when a life ends that nobody ended. */
  readonly onUnexpectedEnd: (name: string, lastWords: string) => void;
}

/** What an operator's supervisor would wait before it starts a node again. */
const restartAfterMs = 1_000;
/** A clean stop waits for others to take the partitions, which takes five seconds at most. */
const stopTimeoutMs = 30_000;
const lastWordsLength = 2_000;
const pageBytes = 4_096;

/** A place in the cluster where a process of `hunt serve` lives, ends, and lives again. */
export class ChaosNode {
  readonly name: string;
  readonly #options: ChaosNodeOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #isWanted = false;

  constructor(options: ChaosNodeOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Harmless when it runs. */
  start(): void {
    this.#isWanted = true;
    if (this.#child !== undefined) return;
    const log = openSync(this.#options.logFile, 'a');
    const child = spawn(process.execPath, this.#options.command, {
      // Its end says to the node that we are gone.
      stdio: ['ignore', 'ignore', log, 'ipc'],
    });
    closeSync(log);
    this.#child = child;
    this.#ended = once(child, 'exit').then(() => {
      this.#child = undefined;
      if (this.#isWanted) void this.#comeBack();
    });
  }

  async #comeBack(): Promise<void> {
    this.#options.onUnexpectedEnd(this.name, this.lastWords());
    await pause(restartAfterMs);
    if (this.#isWanted) this.start();
  }

  /** Ends a life that must not go on; it counts as one that ended by itself. */
  end(reason: string): void {
    appendFileSync(this.#options.logFile, `chaos: ${reason}\n`);
    this.#child?.kill('SIGKILL');
  }

  lastWords(): string {
    return readFileSync(this.#options.logFile, 'utf8').slice(-lastWordsLength);
  }

  /** Resident memory in bytes; 0 while it does not run, or where the system does not tell. */
  get memory(): number {
    try {
      const pages = readFileSync(`/proc/${this.#child?.pid}/statm`, 'utf8').split(' ')[1];
      return Number(pages) * pageBytes;
    } catch {
      return 0;
    }
  }

  async kill(): Promise<void> {
    this.#isWanted = false;
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM; after half a minute SIGKILL. Says whether it ended by itself. */
  async stop(): Promise<boolean> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined) return true;
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const timer = new AbortController();
    const late = pause(stopTimeoutMs, false, { signal: timer.signal }).catch(() => false);
    const ended = await Promise.race([this.#ended.then(() => true), late]);
    timer.abort();
    if (!ended) await this.kill();
    return ended;
  }

  /** SIGSTOP. Should nobody wake it, not even we, it goes on after `mostMs`: it would never end. */
  freeze(mostMs: number): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    const wakeUp = `sleep ${Math.ceil(mostMs / 1_000)}; kill -CONT ${pid}`;
    spawn('sh', ['-c', wakeUp], { stdio: 'ignore', detached: true }).unref();
    this.#child?.kill('SIGSTOP');
  }

  wake(): void {
    this.#child?.kill('SIGCONT');
  }
}

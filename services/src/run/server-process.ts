import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunDirectory } from './run-directory.ts';

const probeEveryMs = 50;
const probeTimeoutMs = 5_000;
const shownLogLength = 3_000;

/** What to run, and how to tell that it works. */
export interface ServerPlan {
  /** Names its log file and the server in messages: `kafka-1`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Asks the server in its own protocol; rejects as long as it does not work. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly readyTimeoutMs: number;
  /** After this long without an end SIGTERM becomes SIGKILL. */
  readonly stopTimeoutMs: number;
}

/** Somebody listens on a port that was free when it was chosen: choose others and try again. */
export class PortTakenError extends Error {}

/** One server of ours: a child process in a directory that ends with us. */
export class ServerProcess {
  readonly plan: ServerPlan;
  readonly #directory: RunDirectory;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(plan: ServerPlan, directory: RunDirectory) {
    this.plan = plan;
    this.#directory = directory;
  }

  /** Undefined while none runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts it and waits until it answers. Rejects with the end of its log when it ends before,
   * or does not answer in time; it does not run then.
   */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`${this.plan.name} runs already`);
    this.#spawn();
    const child = this.#child;
    const { name, readyTimeoutMs } = this.plan;
    const until = performance.now() + readyTimeoutMs;
    for (;;) {
      const silence = await this.#probe();
      if (this.#child !== child) throw this.#endedEarly();
      if (silence === undefined) return;
      if (performance.now() > until) {
        await this.kill();
        const reason = `did not answer within ${readyTimeoutMs} ms (${silence})`;
        throw new Error(`${name} ${reason}; its log ends with:\n${this.#logEnd()}`);
      }
      await sleep(probeEveryMs);
    }
  }

  #spawn(): void {
    const { name, program, args } = this.plan;
    const log = openSync(this.#logFile, 'a');
    // A session of its own: Ctrl-C is for us, and we stop it in order.
    const child = spawn(program, args, {
      cwd: this.#directory.path,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    this.#child = child;
    const { pid } = child;
    if (pid !== undefined) this.#directory.guard(pid);
    this.#ended = new Promise((resolve) => {
      const end = () => {
        if (pid !== undefined) this.#directory.unguard(pid);
        if (this.#child === child) this.#child = undefined;
        resolve();
      };
      child.once('exit', end);
      child.once('error', (error) => {
        if (pid === undefined) this.#spawnError = `${name} cannot be started: ${error.message}`;
        end();
      });
    });
  }

  #spawnError: string | undefined;

  /** Why it does not answer; undefined when it does. */
  async #probe(): Promise<string | undefined> {
    try {
      await this.plan.probe(AbortSignal.timeout(probeTimeoutMs));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #endedEarly(): Error {
    if (this.#spawnError !== undefined) return new Error(this.#spawnError);
    const log = this.#logEnd();
    const message = `${this.plan.name} ended before it answered; its log ends with:\n${log}`;
    return /address already in use|BindException/i.test(log)
      ? new PortTakenError(message)
      : new Error(message);
  }

  get #logFile(): string {
    return path.join(this.#directory.path, `${this.plan.name}.log`);
  }

  #logEnd(): string {
    if (!existsSync(this.#logFile)) return '';
    return readFileSync(this.#logFile, 'utf8').slice(-shownLogLength).trim();
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#hasEnded();
  }

  /** SIGSTOP: connections stay open and nothing answers, from the moment this returns. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
    if (this.#child?.pid !== undefined) waitUntilStopped(this.#child.pid);
  }

  /** SIGCONT */
  wake(): void {
    this.#child?.kill('SIGCONT');
  }

  /** SIGTERM, and SIGKILL for one that does not end by that. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGTERM');
    // A frozen one would take the signal only after that.
    child.kill('SIGCONT');
    if (await this.#hasEnded(this.plan.stopTimeoutMs)) return;
    await this.kill();
  }

  /** A child does not keep us alive; this wait has to. */
  async #hasEnded(timeoutMs = 60_000): Promise<boolean> {
    const timer = new AbortController();
    const late = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
    const ended = await Promise.race([this.#ended.then(() => true), late]);
    timer.abort();
    return ended;
  }
}

const stopMaxMs = 5_000;

/**
 * The signal is taken by one thread after the other: until the last one is stopped, the server may still
 * answer. Holds up the caller, a few milliseconds as a rule; elsewhere than on Linux it waits for nothing.
 */
function waitUntilStopped(pid: number): void {
  const tasks = `/proc/${pid}/task`;
  for (const until = performance.now() + stopMaxMs; performance.now() < until; ) {
    if (!existsSync(tasks) || readdirSync(tasks).every((task) => isStopped(`${tasks}/${task}`)))
      return;
  }
}

/** The state is the first word behind the name, which stands in brackets. */
function isStopped(task: string): boolean {
  try {
    const text = readFileSync(`${task}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).startsWith('T');
  } catch {
    // It ended meanwhile.
    return true;
  }
}

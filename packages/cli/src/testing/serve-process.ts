import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { huntProgram } from './hunt-process.ts';

/** A line of the log: Elastic Common Schema, what is ours below `hunt`. */
export type LogLine<Hunt> = Readonly<Record<string, string>> & { readonly hunt: Hunt };

/** A `hunt serve` in a process of its own, and what it says. It ends with the process that started it. */
export class ServeProcess {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;
  #output = '';
  #log = '';
  /** Of the log: so many lines were asked for, or passed over. */
  #read = 0;

  constructor(flags: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [huntProgram, 'serve', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...environment },
    });
    this.#closed = once(this.child, 'close');
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#look();
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
      this.#look();
    });
    this.child.once('close', () => {
      this.#isClosed = true;
      this.#look();
    });
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  /** Rejects with all that it said when it ends before. */
  #until<Found>(find: () => Found | undefined): Promise<Found> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined && !this.#isClosed) return;
        this.#waiting.delete(look);
        if (found === undefined) reject(new Error(`it ended: ${this.#output}${this.#log}`));
        else resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** All that it printed, once the text is in it. */
  printed(text: string): Promise<string> {
    return this.#until(() => (this.#output.includes(text) ? this.#output : undefined));
  }

  /** Where it serves, which it prints with `--json` once it does. */
  async url(): Promise<string> {
    const [line = ''] = (await this.printed('\n')).split('\n');
    const { url } = JSON.parse(line);
    assert.ok(url !== undefined, `it does not serve: ${line}`);
    return url;
  }

  /** The next line of the log with the message, after the last that was asked for. */
  said<Hunt>(message: string): Promise<LogLine<Hunt>> {
    return this.#until(() => {
      const lines = this.#log.split('\n').slice(0, -1);
      const isIt = (line: string, index: number) =>
        index >= this.#read && line.includes(`"message":${JSON.stringify(message)}`);
      const at = lines.findIndex(isIt);
      if (at < 0) return undefined;
      this.#read = at + 1;
      return JSON.parse(lines[at]!);
    });
  }

  /** By SIGTERM, at which it has to end well. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    assert.deepEqual(await this.#closed, [0, null], this.#log);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }
}

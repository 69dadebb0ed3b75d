import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { huntProgram } from './hunt-process.ts';

/** A `hunt serve --cluster` in a process of its own. */
export class ClusterProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  #ended: Promise<unknown>;
  /** What it said on its error stream, a JSON object a line. */
  log = '';
  #output = '';
  readonly #publishes: boolean;

  constructor(
    name: string,
    flags: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.name = name;
    this.#publishes = flags.includes('--hunt');
    this.#child = spawn(
      process.execPath,
      [huntProgram, 'serve', '--json', '--node', name, ...flags],
      {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { ...process.env, ...environment },
      },
    );
    this.#ended = once(this.#child, 'close');
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
  }

  /** Until it takes requests, and shows the hunt that it publishes. Throws what it said last when it does not by then. */
  async ready(
    deadlineMs: number,
  ): Promise<{ readonly url: string; readonly organiserKeyFile: string }> {
    await this.until(() => this.#output.includes('\n'), 'starts', deadlineMs);
    const announced = JSON.parse(this.#output.split('\n')[0]!);
    if (announced.url === '') return announced;
    const ask = (path: string) =>
      fetch(announced.url + path, { signal: AbortSignal.timeout(2_000) }).then(
        async (answer) => (answer.status === 200 ? answer.text() : ''),
        () => '',
      );
    await this.until(async () => (await ask('/readyz')) !== '', 'is ready', deadlineMs);
    // A gateway is ready before the partitions have owners; a hunt is published by them.
    const isPublished = async () => /"hunts":\[\{/.test(await ask('/v1/hunts'));
    if (this.#publishes) await this.until(isPublished, 'shows its hunt', deadlineMs);
    return announced;
  }

  get exited(): boolean {
    return this.#child.exitCode !== null;
  }

  /** The error that it ended with, by itself. Throws what it said last when it has not by then. */
  async refusal(deadlineMs: number): Promise<{ readonly id: string; readonly message: string }> {
    await this.until(() => this.exited, 'ends', deadlineMs);
    await this.#ended;
    const line = this.#output.trimEnd().split('\n').at(-1) ?? '';
    if (this.#child.exitCode === 0)
      throw new Error(`${this.name} ended well: ${line}\n${this.log}`);
    return JSON.parse(line).error;
  }

  async until(
    condition: () => boolean | Promise<boolean>,
    what: string,
    deadlineMs: number,
  ): Promise<void> {
    const until = performance.now() + deadlineMs;
    while (!(await condition())) {
      if (performance.now() > until) {
        throw new Error(`${this.name}: not within ${deadlineMs} ms: ${what}\n${this.log}`);
      }
      await pause(50);
    }
  }

  /** Partitions that it has said it owns, at any time. */
  get owned(): number {
    return new Set(this.log.match(/"partition":\d+,"epoch":\d+\},"message":"owning"/g)).size;
  }

  /** Whoever was stopped must be let go on, or killed. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGHUP'): void {
    this.#child.kill(signal);
  }

  /** As if the process that started it were gone; resolves when it has ended. */
  async abandon(): Promise<void> {
    // Of a child that its parent has disconnected from Node never tells `close`.
    this.#ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await this.#ended;
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}

/** Of loopback; nobody holds it when this returns. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

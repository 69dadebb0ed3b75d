import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cliErrors } from '../errors.ts';
import { exitCode } from '../exit-code.ts';
import { nodeEnvironment, nodeFlags } from './node-start.ts';
import { type RefusalMessage, ServerRefusal } from './server-refusal.ts';

const program = fileURLToPath(new URL('../../bin/hunt.js', import.meta.url));
const readySeconds = 60;
/** Of what the server wrote on its error stream, as much as a message can hold. */
const lastWordsLength = 2_000;
/** Longer than a clean stop of the server may take. */
const stopMs = 20_000;

export interface ServerOptions {
  readonly data: string;
  /** The hunt to publish; what is there already is served anyway. */
  readonly hunt?: string;
  readonly partitions?: number | undefined;
  /** As `--set` takes them: `gateway.joinBurst=500`. */
  readonly settings?: readonly string[];
}

/** What `hunt serve --json` says once it is ready. */
export interface ServerAnnouncement {
  readonly url: string;
  /** File with a key that may publish and record. */
  readonly organiserKeyFile: string;
}

/**
 * A `hunt serve` of our own on a free port. It ends with this process: over its channel it notices
 * even when this one is killed.
 */
export class ServerProcess {
  readonly announcement: ServerAnnouncement;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  readonly #lastWords: () => string;
  #expectedToEnd = false;

  private constructor(
    child: ChildProcess,
    announcement: ServerAnnouncement,
    ended: Promise<string>,
    lastWords: () => string,
  ) {
    this.#child = child;
    this.announcement = announcement;
    this.#ended = ended;
    this.#lastWords = lastWords;
  }

  /** Resolves once it takes requests. Throws `ServerRefusal`, cli-server-stopped, cli-server-silent. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const child = spawn(process.execPath, [...nodeFlags, program, ...serveArguments(options)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...nodeEnvironment, ...plain(process.env) },
    });
    let words = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-lastWordsLength);
    });
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const lastWords = () => words.trim().split('\n').slice(-5).join(' ') || 'it said nothing';
    const announcement = await announced(child, ended, lastWords);
    return new ServerProcess(child, announcement, ended, lastWords);
  }

  /** Of the process, to look at what it uses. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves with the error when it ends although nobody ended it; never otherwise. */
  failure(): Promise<Error> {
    return new Promise((resolve) => {
      void this.#ended.then((status) => {
        if (!this.#expectedToEnd) resolve(stopped(status, this.#lastWords()));
      });
    });
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#expectedToEnd = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM, and SIGKILL when that does not end it; resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#expectedToEnd = true;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** Only this process speaks to it, on loopback: a certificate would be for the name of another server. */
function plain(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('HUNT_GATEWAY_TLS_'));
  return Object.fromEntries(others);
}

function serveArguments({ data, hunt, partitions, settings = [] }: ServerOptions): string[] {
  const place = ['--data', data, '--host', '127.0.0.1', '--port', '0'];
  const files = hunt === undefined ? [] : ['--hunt', hunt];
  const count = partitions === undefined ? [] : ['--partitions', String(partitions)];
  const set = settings.flatMap((setting) => ['--set', setting]);
  return ['serve', ...place, ...files, ...count, ...set, '--json'];
}

async function announced(
  child: ChildProcess,
  ended: Promise<string>,
  lastWords: () => string,
): Promise<ServerAnnouncement> {
  const line = firstLine(child);
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silent'>((resolve) => {
    timer = setTimeout(resolve, readySeconds * 1_000, 'silent' as const);
  });
  try {
    const first = await Promise.race([line, silence, ended.then((status) => ({ status }))]);
    if (first === 'silent') {
      throw cliErrors.create('cli-server-silent', { seconds: readySeconds });
    }
    if (typeof first === 'object') throw stopped(first.status, lastWords());
    const said = JSON.parse(first) as ServerAnnouncement | RefusalMessage;
    if (!('error' in said)) return said;
    await ended;
    throw new ServerRefusal(said, child.exitCode ?? exitCode.unreachable);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}

function stopped(status: string, reason: string): Error {
  return cliErrors.create('cli-server-stopped', { status, reason });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ImageConfig } from './image-store.ts';

export interface ContainerOptions {
  /** The image's files. Several containers may have the same: none can write there. */
  readonly root: string;
  readonly config: ImageConfig;
  /** What follows the entry point; that of the image when left out. */
  readonly command?: readonly string[];
  /** Files and folders of this machine by where they are in there. */
  readonly mounts: Readonly<
    Record<string, { readonly source: string; readonly writable: boolean }>
  >;
}

/** How a program ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The end of what a program prints is kept. */
const outputMaxLength = 256 * 1024;

/**
 * A container as strict platforms run it: the image's user, a root that cannot be written to, `/tmp` in memory, no
 * privileges and none to be had, processes of its own, and a network of its own that leads nowhere. For root.
 */
export class Container {
  readonly #options: ContainerOptions;
  readonly #outside: ChildProcess;
  readonly ended: Promise<Ended>;
  #output = '';

  constructor(options: ContainerOptions) {
    this.#options = options;
    const { config, command = config.Cmd } = options;
    const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child=SIGKILL'];
    const line = [...namespaces, 'sh', '-c', this.#script([...config.Entrypoint, ...command])];
    this.#outside = spawn('unshare', line, { stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (chunk: string) => {
      this.#output = (this.#output + chunk).slice(-outputMaxLength);
    };
    this.#outside.stdout!.setEncoding('utf8').on('data', collect);
    this.#outside.stderr!.setEncoding('utf8').on('data', collect);
    this.ended = once(this.#outside, 'close').then(([code]) => ({ code, output: this.#output }));
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Runs a program in there as the image's user, to its end; killed after `timeoutMs`. */
  async run(program: readonly string[], timeoutMs = 30_000): Promise<Ended> {
    const [user, group] = this.#user();
    const inside = ['--target', `${this.#first()}`, '--mount', '--net', '--pid', '--root', '--wd'];
    const line = ['nsenter', ...inside, '--setgid', group, '--setuid', user, ...this.#env()];
    const child = spawn('setpriv', ['--no-new-privs', ...line, ...program], { timeout: timeoutMs });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        output = (output + chunk).slice(-outputMaxLength);
      });
    }
    const [code] = await once(child, 'close');
    return { code, output };
  }

  /** Lines of the kernel about its first process. */
  status(): string {
    return readFileSync(`/proc/${this.#first()}/status`, 'utf8');
  }

  /** Asks it to end as the image wants to be asked. */
  stop(): Promise<Ended> {
    process.kill(this.#first(), this.#options.config.StopSignal as NodeJS.Signals);
    return this.ended;
  }

  /** Ends all of its processes, if there are any, at once. */
  kill(): void {
    // Its processes end with the first. That has changed its user, and so does not end with who started it.
    try {
      process.kill(this.#first(), 'SIGKILL');
    } catch {
      this.#outside.kill('SIGKILL');
    }
  }

  /** The process that has number 1 in there, by its number out here. */
  #first(): number {
    const { pid } = this.#outside;
    const first = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
    // A signal to number 0 would be for us.
    if (!(first > 0)) throw new Error('the container has no process yet');
    return first;
  }

  #user(): readonly [string, string] {
    const [user, group] = this.#options.config.User.split(':');
    return [user!, group!];
  }

  #env(): readonly string[] {
    return ['env', '-i', ...this.#options.config.Env];
  }

  /** Mounts what belongs to it, all of which is gone with its last process, and becomes the program. */
  #script(program: readonly string[]): string {
    const { root, config, mounts } = this.#options;
    const [user, group] = this.#user();
    const inside = (name: string) => quoted(path.join(root, name));
    const privileges = ['setpriv', '--no-new-privs', 'unshare', `--root=${root}`];
    const starts = [
      ...privileges,
      `--wd=${config.WorkingDir}`,
      '--setgid',
      group,
      '--setuid',
      user,
    ];
    for (const [target, { source }] of Object.entries(mounts)) makeTarget(root, target, source);
    return [
      'set -eu',
      `mount --bind ${quoted(root)} ${quoted(root)}`,
      `mount -o remount,bind,ro ${quoted(root)}`,
      `mount -t proc proc ${inside('proc')}`,
      `mount -t sysfs -o ro sysfs ${inside('sys')}`,
      `mount --rbind /dev ${inside('dev')}`,
      `mount -t tmpfs -o mode=1777 tmpfs ${inside('tmp')}`,
      ...Object.entries(mounts).flatMap(([target, { source, writable }]) => [
        `mount --bind ${quoted(source)} ${inside(target)}`,
        ...(writable ? [] : [`mount -o remount,bind,ro ${inside(target)}`]),
      ]),
      'ip link set lo up',
      `exec ${[...starts, ...this.#env(), ...program].map(quoted).join(' ')}`,
    ].join('\n');
  }
}

/**
 * An empty folder of an image's volume, owned and protected as the image says: what a container runtime makes of one
 * that is new.
 */
export function newVolume(root: string, target: string, folder: string): string {
  const { uid, gid, mode } = statSync(path.join(root, target));
  mkdirSync(folder, { recursive: true });
  chownSync(folder, uid, gid);
  chmodSync(folder, mode & 0o7777);
  return folder;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** What is mounted over has to be there. */
function makeTarget(root: string, target: string, source: string): void {
  const place = path.join(root, target);
  const isFolder = statSync(source).isDirectory();
  mkdirSync(isFolder ? place : path.dirname(place), { recursive: true });
  if (!isFolder) writeFileSync(place, '', { flag: 'a' });
}

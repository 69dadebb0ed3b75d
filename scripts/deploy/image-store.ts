import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { missingPrograms, type SystemProgram } from '../system-packages.ts';
import { runCommand } from '../test-run/command.ts';

/** What an image says of itself, in the words of its format. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly StopSignal: string;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Volumes: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
  /** Durations are nanoseconds. */
  readonly Healthcheck: {
    readonly Test: readonly string[];
    readonly Interval: number;
    readonly Timeout: number;
    readonly StartPeriod: number;
    readonly Retries: number;
  };
}

export interface ImageBuild {
  /** Its name in the store. */
  readonly image: string;
  /** The container file. */
  readonly file: string;
  /** The folder that `COPY` copies from. */
  readonly context: string;
  /** Other folders, by the name in `COPY --from`. */
  readonly contexts?: Readonly<Record<string, string>>;
  readonly arguments?: Readonly<Record<string, string>>;
  /** Folders of this machine by where `RUN` finds them. */
  readonly mounts?: Readonly<Record<string, string>>;
}

const buildTimeoutMs = 10 * 60_000;
const shownOutputLength = 4_000;

const programs: readonly SystemProgram[] = [
  { program: 'buildah', debianPackage: 'buildah', usedBy: 'this test' },
  { program: 'debootstrap', debianPackage: 'debootstrap', usedBy: 'this test' },
  { program: 'ip', debianPackage: 'iproute2', usedBy: 'this test' },
  { program: 'npm', debianPackage: 'npm', usedBy: 'this test' },
];

/** Why images cannot be built and run here, as tests say it; false where they can. */
export function whyNoImages(): string | false {
  if (process.getuid?.() !== 0) return 'needs: root, for it mounts folders and changes roots';
  const missing = missingPrograms(programs, process.env['PATH'] ?? '');
  return missing.length > 0 && `needs: ${missing.map(({ program }) => program).join(', ')}`;
}

/** Images in a temporary folder, built by buildah: without a daemon, from what is in there alone. For root. */
export class ImageStore {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'hunt-images-'));

  /** A folder beside the images. */
  folder(name: string): string {
    const folder = path.join(this.#folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** A file beside the images. */
  file(name: string, text: string): string {
    const file = path.join(this.folder('files'), name);
    writeFileSync(file, text);
    return file;
  }

  /** Throws the end of what the build printed. */
  async build(of: ImageBuild): Promise<void> {
    const flags = (flag: string, values: Readonly<Record<string, string>>, separator = '=') =>
      Object.entries(values).map(([name, value]) => `--${flag}=${name}${separator}${value}`);
    const mounts = Object.entries(of.mounts ?? {}).map(([inside, folder]) => [folder, inside]);
    await this.#do(
      ...['bud', '--pull-never', '--layers=false', '--isolation=chroot', '--network=host'],
      // The other format has no health checks.
      '--format=docker',
      ...flags('build-arg', of.arguments ?? {}),
      ...flags('build-context', of.contexts ?? {}),
      ...flags('volume', Object.fromEntries(mounts), ':'),
      ...['--file', of.file, '--tag', of.image, of.context],
    );
  }

  async config(image: string): Promise<ImageConfig> {
    const text = await this.#ask('inspect', '--type', 'image', image);
    return (JSON.parse(text) as { readonly Docker: { readonly config: ImageConfig } }).Docker
      .config;
  }

  /** The image's files in a folder, a copy for every call. */
  async root(image: string): Promise<string> {
    const container = await this.#ask('from', '--pull-never', image);
    return this.#ask('mount', container);
  }

  /** Writes it as `docker load` and `podman load` take it, under the name. Layers are not compressed. */
  async save(image: string, file: string, name: string): Promise<void> {
    await this.#do('push', '--quiet', image, `docker-archive:${path.resolve(file)}:${name}`);
  }

  remove(): void {
    // What a build mounts is gone with it. Were it not, the files of this machine would be removed.
    if (readFileSync('/proc/self/mountinfo', 'utf8').includes(this.#folder)) {
      throw new Error(
        `something is mounted in ${this.#folder}: unmount it, then remove the folder`,
      );
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #line(): readonly string[] {
    const store = ['--storage-driver=vfs', `--root=${this.folder('store')}`];
    const temporary = `TMPDIR=${this.folder('temporary')}`;
    return [temporary, 'buildah', ...store, `--runroot=${this.folder('run')}`];
  }

  async #do(...args: readonly string[]): Promise<void> {
    const { code, output } = await runCommand('env', [...this.#line(), ...args], buildTimeoutMs);
    if (code !== 0)
      throw new Error(`buildah ${args[0]} fails\n${output.slice(-shownOutputLength)}`);
  }

  async #ask(...args: readonly string[]): Promise<string> {
    const line = [...this.#line(), ...args];
    const { stdout } = await promisify(execFile)('env', line, { timeout: buildTimeoutMs });
    return stdout.trim();
  }
}

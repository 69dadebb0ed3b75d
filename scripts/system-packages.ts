import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './test-run/command.ts';

/** A program that npm does not bring and some tests start. */
export interface SystemProgram {
  /** Its name on the PATH. */
  readonly program: string;
  readonly debianPackage: string;
  /** What is skipped without it; such a test gives the reason `needs: <program>`. */
  readonly usedBy: string;
}

const systemPrograms: readonly SystemProgram[] = [
  { program: 'chromium', debianPackage: 'chromium', usedBy: 'browser tests' },
  { program: 'java', debianPackage: 'default-jre-headless', usedBy: 'tests on real servers' },
  { program: 'mvn', debianPackage: 'maven', usedBy: 'tests on real servers' },
  { program: 'redis-server', debianPackage: 'redis-server', usedBy: 'tests on Redis' },
  { program: 'openssl', debianPackage: 'openssl', usedBy: 'tests of encryption' },
  { program: 'prometheus', debianPackage: 'prometheus', usedBy: 'tests on Prometheus' },
  { program: 'systemd-analyze', debianPackage: 'systemd', usedBy: 'tests of the service' },
  { program: 'python3', debianPackage: 'python3-venv', usedBy: 'tests of the container file' },
  { program: 'buildah', debianPackage: 'buildah', usedBy: 'tests of the image' },
  { program: 'debootstrap', debianPackage: 'debootstrap', usedBy: 'tests of the image' },
  { program: 'ip', debianPackage: 'iproute2', usedBy: 'tests of the image' },
  { program: 'go', debianPackage: 'golang-go', usedBy: 'tests of plans for k6' },
];

const installTimeoutMs = 15 * 60_000;

/** Those of the programs that no folder of `searchPath` holds. */
export function missingPrograms(
  programs: readonly SystemProgram[],
  searchPath: string,
): SystemProgram[] {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '');
  return programs.filter(
    ({ program }) => !folders.some((folder) => isExecutable(path.join(folder, program))),
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How to get the missing programs, one sentence each. */
export function installHints(missing: readonly SystemProgram[]): string[] {
  return missing.map(
    ({ program, debianPackage, usedBy }) =>
      `${program} is missing, so ${usedBy} skip; on Debian: apt-get install ${debianPackage}`,
  );
}

/** What `installSystemPackages` came to. */
export interface InstallResult {
  readonly missing: readonly SystemProgram[];
  /** Output of a package manager that failed; empty otherwise. */
  readonly output: string;
}

/**
 * Installs what is missing where that is ours to do: as root, on Debian or its kin. Elsewhere it
 * changes nothing and says what is missing.
 */
export async function installSystemPackages(
  programs: readonly SystemProgram[] = systemPrograms,
): Promise<InstallResult> {
  const searchPath = process.env['PATH'] ?? '';
  const missing = missingPrograms(programs, searchPath);
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (missing.length === 0 || !mayInstall) return { missing, output: '' };
  const packages = missing.map(({ debianPackage }) => debianPackage);
  for (const args of [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', ...packages],
  ]) {
    // Another installation may be under way: wait for its lock instead of failing.
    const environment = [
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-o',
      'DPkg::Lock::Timeout=300',
    ];
    const { code, output } = await runCommand('env', [...environment, ...args], installTimeoutMs);
    if (code !== 0) return { missing, output };
  }
  return { missing: missingPrograms(programs, searchPath), output: '' };
}

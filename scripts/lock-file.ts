import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readCommandLine } from './command-line.ts';
import { repositoryRoot } from './repository.ts';

/** The parts of package-lock.json (version 3) that are looked at here. */
export interface LockFile {
  packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  version?: string;
  resolved?: string;
  link?: boolean;
  cpu?: string[];
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

/**
 * What keeps `npm ci` from working everywhere: an entry bound to one registry, and a binary for
 * another platform that the lock does not name. npm drops the latter from the lock when the
 * registry at hand does not have it, and `npm ci` then refuses the lock it wrote.
 */
export function lockProblems(lock: LockFile): string[] {
  const bound = Object.entries(lock.packages)
    .filter(([, entry]) => entry.resolved !== undefined && entry.link !== true)
    .map(([name]) => `${name} names a registry in "resolved"`);
  const missing = missingPlatforms(lock).map(([name]) => `${name} is missing from the lock`);
  return [...bound, ...missing];
}

/** Mends each of the problems. The entries have no checksum: there is nothing to take it from. */
export function mendLock(lock: LockFile): void {
  for (const entry of Object.values(lock.packages)) {
    if (entry.link !== true) delete entry.resolved;
  }
  for (const [name, entry] of missingPlatforms(lock)) lock.packages[name] = entry;
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function missingPlatforms({ packages }: LockFile): [string, LockedPackage][] {
  return Object.entries(packages).flatMap(([parent, { dev, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(
        ([name]) =>
          !(`node_modules/${name}` in packages || `${parent}/node_modules/${name}` in packages),
      )
      .map(([name, version]): [string, LockedPackage] => [
        `node_modules/${name}`,
        platformPackage(name, version, dev === true),
      ]),
  );
}

/** Such packages are named after their platform: `…-linux-arm64-musl`. */
function platformPackage(name: string, version: string, dev: boolean): LockedPackage {
  const words = name.split(/[-/]/);
  const system = words.find((word) => systems.includes(word));
  const processor = words.find((word) => processors.includes(word));
  if (system === undefined || processor === undefined || !/^\d/.test(version)) {
    throw new Error(`${name}@${version} is not named after a platform: lock it by hand`);
  }
  const library = words.find((word) => /^(gnu|musl)/.test(word));
  return {
    version,
    cpu: [processor],
    ...(dev ? { dev } : {}),
    optional: true,
    os: [system],
    ...(system === 'linux' && library !== undefined
      ? { libc: [library.startsWith('gnu') ? 'glibc' : 'musl'] }
      : {}),
  };
}

if (import.meta.main) {
  const { write } = readCommandLine({
    command: 'node scripts/lock-file.ts',
    summary: 'Says what in package-lock.json keeps npm ci from working everywhere.',
    options: { write: { text: 'mends it; npm run lock' } },
  });
  const file = path.join(repositoryRoot, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8')) as LockFile;
  const problems = lockProblems(lock);
  for (const problem of problems) console.log(problem);
  if (write) {
    mendLock(lock);
    writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  } else if (problems.length > 0) {
    process.exitCode = 1;
  }
}

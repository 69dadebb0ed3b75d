import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

/** Where Debian keeps programs that are not on everybody's PATH. */
const postgresRoot = '/usr/lib/postgresql';

/** Full path of a program on the PATH or in Debian's usual directories; undefined when there is none. */
export function findProgram(name: string): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).filter((entry) => entry !== '');
  const places = [...onPath, '/usr/bin', '/usr/sbin', '/usr/local/bin', ...postgresDirectories()];
  return places.map((place) => path.join(place, name)).find(isProgram);
}

/** Newest first. */
function postgresDirectories(): string[] {
  try {
    return readdirSync(postgresRoot)
      .sort((one, other) => Number(other) - Number(one))
      .map((version) => path.join(postgresRoot, version, 'bin'));
  } catch {
    return [];
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

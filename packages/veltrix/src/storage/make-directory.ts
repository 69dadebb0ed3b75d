import { basename, dirname } from 'node:path';
import type { Disk } from './disk.ts';
import { isSystemError } from './system-error.ts';

/** Makes a directory and those above it that are missing, so that none of them is lost in a crash. */
export function makeDirectoryDurably(disk: Disk, directory: string): void {
  const made: string[] = [];
  for (let path = directory; path !== dirname(path) && !isThere(disk, path); path = dirname(path)) {
    made.push(dirname(path));
  }
  disk.makeDirectory(directory);
  for (const parent of made.reverse()) disk.syncDirectory(parent);
}

function isThere(disk: Disk, path: string): boolean {
  try {
    return disk.list(dirname(path)).includes(basename(path));
  } catch (error) {
    // One may use what is in a directory that one may not read, such as those of all users; else making says so.
    if (isSystemError(error) && error.code === 'EACCES') return true;
    throw error;
  }
}

import { basename, dirname } from 'node:path';
import type { Disk } from './disk.ts';

/** Makes a directory and those above it that are missing, so that none of them is lost in a crash. */
export function makeDirectoryDurably(disk: Disk, directory: string): void {
  const made: string[] = [];
  for (
    let path = directory;
    path !== dirname(path) && !disk.list(dirname(path)).includes(basename(path));
    path = dirname(path)
  ) {
    made.push(dirname(path));
  }
  disk.makeDirectory(directory);
  for (const parent of made.reverse()) disk.syncDirectory(parent);
}

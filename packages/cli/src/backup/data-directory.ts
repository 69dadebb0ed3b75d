import { statSync } from 'node:fs';
import path from 'node:path';
import { cliErrors } from '../errors.ts';

/** The full name of the data directory. Throws `cli-backup-of-cluster` when it is the file of a cluster. */
export function dataDirectory(name: string): string {
  if (statSync(name, { throwIfNoEntry: false })?.isFile()) {
    throw cliErrors.create('cli-backup-of-cluster', { file: name });
  }
  return path.resolve(name);
}

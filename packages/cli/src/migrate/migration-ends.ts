import { statSync } from 'node:fs';
import path from 'node:path';
import { cliErrors } from '../errors.ts';

export interface MigrationEnds {
  readonly directory: string;
  /** Of the cluster. */
  readonly file: string;
  readonly isToCluster: boolean;
}

type Kind = 'directory' | 'file' | 'missing';

/** Which is which: the source is there, and the target is of the other kind. Throws `cli-file-unreadable`, `cli-migrate-ends`. */
export function migrationEnds(from: string, to: string): MigrationEnds {
  const [source, target] = [kindOf(from), kindOf(to)];
  if (source === 'missing') {
    const reason = 'there is no such file or directory';
    throw cliErrors.create('cli-file-unreadable', { file: from, reason });
  }
  if (source === target) {
    const kind = source === 'directory' ? 'directories' : 'files';
    throw cliErrors.create('cli-migrate-ends', { from, to, kind });
  }
  const isToCluster = source === 'directory';
  const [directory, file] = isToCluster ? [from, to] : [to, from];
  return { directory: path.resolve(directory), file, isToCluster };
}

function kindOf(name: string): Kind {
  const found = statSync(name, { throwIfNoEntry: false });
  if (!found) return 'missing';
  return found.isDirectory() ? 'directory' : 'file';
}

import { existsSync } from 'node:fs';
import { copyIdentity, isSameFile } from './deployment-files.ts';

/**
 * Where a cluster keeps who people are: names, join codes, hashes of organiser keys. A data directory keeps them
 * in a database file; everybody goes from or to such a file.
 */
export interface PeoplePlace {
  /** For people. */
  readonly place: string;
  /** Whether somebody is there who is not in that very file. Makes nothing. */
  isUsed(file: string): Promise<boolean>;
  /** Holds who is in the file, and nobody else, once it resolves: who was erased since an earlier attempt is gone. */
  fill(file: string): Promise<void>;
  /** Makes the file, or makes it anew. Rejects with `engine-migrate-files-missing` when there is nobody. */
  copyTo(file: string): Promise<void>;
}

/** A database file of the node at `identity.address`. */
export function peopleFile(path: string): PeoplePlace {
  return {
    place: path,
    isUsed: async (file) => existsSync(path) && !isSameFile(file, path),
    fill: async (file) => copyIdentity(file, path),
    copyTo: async (file) => copyIdentity(path, file),
  };
}

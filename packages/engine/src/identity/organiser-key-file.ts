import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFileOnce, NodeDisk, removeDrafts } from 'veltrix';
import { storing } from '../store-failed.ts';
import type { Identity, Scope } from './identity.ts';

const everyScope: readonly Scope[] = ['publish', 'record', 'read-personal', 'erase'];

/**
 * The file with the first organiser key of a data directory, made when missing. Whoever may read it
 * may do everything; it may be deleted once other keys exist. Nodes that share the directory may do so
 * at once: the file keeps the key of the first, and what the others made is known to nobody. Returns
 * its path. Throws `engine-store-failed` when it cannot be made.
 */
export async function openOrganiserKeyFile(
  path: string,
  identity: Pick<Identity, 'createOrganiserKey'>,
): Promise<string> {
  const disk = new NodeDisk();
  const isThere = storing(path, () => {
    // Who deletes the file would else not have deleted all that hold the key.
    removeDrafts(disk, path);
    if (!existsSync(path)) return false;
    // Who made it may have died before its name was durable.
    disk.syncDirectory(dirname(path));
    return true;
  });
  if (isThere) return path;
  const key = await identity.createOrganiserKey('first', everyScope);
  storing(path, () => makeFileOnce(disk, path, Buffer.from(`${key}\n`)));
  return path;
}

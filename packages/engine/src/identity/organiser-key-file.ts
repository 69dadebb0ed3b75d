import { existsSync } from 'node:fs';
import { engineErrors } from '../errors.ts';
import type { Identity, Scope } from './identity.ts';
import { makePrivateFileOnce } from './private-file.ts';

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
  if (existsSync(path)) return path;
  const key = await identity.createOrganiserKey('first', everyScope);
  try {
    makePrivateFileOnce(path, Buffer.from(`${key}\n`));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw engineErrors.create('engine-store-failed', { file: path, reason }, { cause: error });
  }
  return path;
}

import { existsSync, renameSync, writeFileSync } from 'node:fs';
import type { Identity, Scope } from './identity.ts';

const everyScope: readonly Scope[] = ['publish', 'record', 'read-personal', 'erase'];

/**
 * The file with the first organiser key of a data directory, made when missing. Whoever may read it
 * may do everything; it may be deleted once other keys exist. Returns its path.
 */
export async function openOrganiserKeyFile(path: string, identity: Identity): Promise<string> {
  if (existsSync(path)) return path;
  const key = await identity.createOrganiserKey('first', everyScope);
  writeFileSync(`${path}.tmp`, `${key}\n`, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
  return path;
}

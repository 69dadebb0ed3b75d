import { closeSync, existsSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectoryDurably, NodeDisk, renameDurably, syncFile, writeFileDurably } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { identitySchema } from '../identity/sqlite/identity-tables.ts';
import { openSqliteFile, sqliteFailed } from '../sqlite/sqlite-file.ts';
import { storing } from '../store-failed.ts';

const disk = new NodeDisk();

/** What tokens and keys are checked with, and the key that was made first. */
export interface SecretFiles {
  readonly secret: string;
  /** May be missing: who has noted the key may delete the file. */
  readonly organiserKey: string;
}

export function secretsOf(directory: string): SecretFiles {
  return { secret: `${directory}/secret`, organiserKey: `${directory}/organiser.key` };
}

/** Where a data directory keeps who people are. */
export function identityOf(directory: string): string {
  return `${directory}/identity.db`;
}

/** Throws `engine-migrate-files-missing`. */
export function requireFile(file: string): void {
  if (!existsSync(file)) throw engineErrors.create('engine-migrate-files-missing', { file });
}

/** Throws `engine-migrate-target-used` when the secret of another deployment is there. */
export function requireNoOtherSecret(source: SecretFiles, target: SecretFiles): void {
  if (!existsSync(target.secret)) return;
  if (readFileSync(source.secret).equals(readFileSync(target.secret))) return;
  const details = { place: target.secret, reason: 'it is the secret of another deployment' };
  throw engineErrors.create('engine-migrate-target-used', details);
}

/** Copies them durably. Each is there as it was or as it is, at any moment. Throws `engine-store-failed`. */
export function copySecrets(source: SecretFiles, target: SecretFiles): void {
  copySmall(source.secret, target.secret);
  if (existsSync(source.organiserKey)) copySmall(source.organiserKey, target.organiserKey);
}

function copySmall(from: string, to: string): void {
  if (isSameFile(from, to)) return;
  makeRoomFor(to);
  storing(to, () => writeFileDurably(disk, to, readFileSync(from)));
}

/**
 * Copies who people are, durably, over what an earlier attempt left. The database may have a journal beside
 * it, after a kill: so it is read, not copied as bytes. Throws `engine-migrate-files-missing`,
 * `engine-store-failed`, `engine-store-damaged`, `engine-store-version`.
 */
export function copyIdentity(from: string, to: string): void {
  requireFile(from);
  if (isSameFile(from, to)) return;
  const draft = `${to}.tmp`;
  makeRoomFor(to);
  storing(to, () => {
    rmSync(draft, { force: true });
    // Its mode is kept: people's names are for the owner only.
    closeSync(openSync(draft, 'wx', 0o600));
  });
  const pragmas = { busy_timeout: 5_000 };
  const file = { path: from, kind: 'hnid', version: 1, schema: identitySchema, pragmas };
  const database = openSqliteFile(file);
  try {
    database.prepare('VACUUM INTO ?').run(draft);
  } catch (error) {
    throw sqliteFailed(from, error);
  } finally {
    database.close();
  }
  putInPlace(draft, to);
}

export function isSameFile(from: string, to: string): boolean {
  return existsSync(from) && existsSync(to) && realpathSync(from) === realpathSync(to);
}

/** Makes the directory of a file, durably. Throws `engine-store-failed`. */
export function makeRoomFor(file: string): void {
  storing(file, () => makeDirectoryDurably(disk, dirname(file)));
}

/** Gives a file its name, durably. Throws `engine-store-failed`. */
export function putInPlace(draft: string, to: string): void {
  storing(to, () => {
    syncFile(disk, draft);
    // A journal of a database that was there before would be taken for one of the new.
    for (const suffix of ['-wal', '-shm']) rmSync(`${to}${suffix}`, { force: true });
    renameDurably(disk, draft, to);
  });
}

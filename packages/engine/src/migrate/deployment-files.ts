import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { engineErrors } from '../errors.ts';
import { identitySchema } from '../identity/sqlite/identity-tables.ts';
import { openSqliteFile, storeFailed } from '../sqlite/sqlite-file.ts';

/** What of a deployment is in no log: who people are, and what tokens and keys are checked with. */
export interface DeploymentFiles {
  readonly identity: string;
  readonly secret: string;
  /** May be missing: who has noted the key may delete the file. */
  readonly organiserKey: string;
}

export function filesOfDirectory(directory: string): DeploymentFiles {
  return {
    identity: `${directory}/identity.db`,
    secret: `${directory}/secret`,
    organiserKey: `${directory}/organiser.key`,
  };
}

/** Throws `engine-migrate-files-missing` when there is no identity or no secret. */
export function requireFiles({ identity, secret }: DeploymentFiles): void {
  for (const file of [identity, secret]) {
    if (!existsSync(file)) throw engineErrors.create('engine-migrate-files-missing', { file });
  }
}

/** Throws `engine-migrate-target-used` when who people are, or a secret, of another deployment is there. */
export function requireNoOthers(source: DeploymentFiles, target: DeploymentFiles): void {
  const used = (file: string, reason: string) =>
    engineErrors.create('engine-migrate-target-used', { place: file, reason });
  if (existsSync(target.identity) && !isSame(source.identity, target.identity)) {
    throw used(target.identity, 'it holds the people of a deployment');
  }
  const isOther = (one: string, other: string) => !readFileSync(one).equals(readFileSync(other));
  if (existsSync(target.secret) && isOther(source.secret, target.secret)) {
    throw used(target.secret, 'it is the secret of another deployment');
  }
}

/**
 * Copies them durably, over what an earlier attempt left. Each is there as it was or as it is, at any
 * moment. Throws `engine-store-failed`, `engine-store-damaged`, `engine-store-version`.
 */
export function copyFiles(source: DeploymentFiles, target: DeploymentFiles): void {
  copySmall(source.secret, target.secret);
  if (existsSync(source.organiserKey)) copySmall(source.organiserKey, target.organiserKey);
  copyIdentity(source.identity, target.identity);
}

function copySmall(from: string, to: string): void {
  if (isSame(from, to)) return;
  guarded(to, () => {
    makeFor(to);
    const draft = `${to}.tmp`;
    rmSync(draft, { force: true });
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, readFileSync(from));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    putInPlace(draft, to);
  });
}

/** The database may have a journal beside it, after a kill: so it is read, not copied as bytes. */
function copyIdentity(from: string, to: string): void {
  if (isSame(from, to)) return;
  const draft = `${to}.tmp`;
  guarded(to, () => {
    makeFor(to);
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
    throw storeFailed(from, error);
  } finally {
    database.close();
  }
  guarded(to, () => {
    sync(draft);
    // A journal of what was there before would be taken for one of the copy.
    for (const suffix of ['-wal', '-shm']) rmSync(`${to}${suffix}`, { force: true });
    putInPlace(draft, to);
  });
}

function isSame(from: string, to: string): boolean {
  return existsSync(from) && existsSync(to) && realpathSync(from) === realpathSync(to);
}

function makeFor(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
}

function putInPlace(draft: string, to: string): void {
  renameSync(draft, to);
  sync(dirname(to));
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function guarded(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw engineErrors.create('engine-store-failed', { file, reason }, { cause: error });
  }
}

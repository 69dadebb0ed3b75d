import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync as Database } from 'node:sqlite';
import { engineErrors } from '../errors.ts';
import { storeFailed } from '../store-failed.ts';
import { DatabaseSync } from './sqlite-module.ts';

export interface SqliteFile {
  readonly path: string;
  /** What kind of file it is: four ASCII letters, kept in the file's `application_id`. */
  readonly kind: string;
  /** Of the tables; a file of another version is refused, not guessed at. */
  readonly version: number;
  /** Makes the tables in a new file. */
  readonly schema: string;
  readonly pragmas: Readonly<Record<string, string | number>>;
}

/**
 * Opens or makes a database file, mode 0600 (its journal files take the mode over). Throws
 * `engine-store-version`, `engine-store-damaged` and `engine-store-failed`.
 */
export function openSqliteFile(file: SqliteFile): Database {
  let database: Database | undefined;
  try {
    closeSync(openSync(file.path, 'a', 0o600));
    database = new DatabaseSync(file.path);
    for (const [name, value] of Object.entries(file.pragmas)) {
      database.exec(`PRAGMA ${name}=${value}`);
    }
    checkVersion(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw sqliteFailed(file.path, error);
  }
}

function checkVersion(database: Database, file: SqliteFile): void {
  const id = Buffer.from(file.kind, 'latin1').readInt32BE(0);
  const found = {
    id: numberOf(database, 'PRAGMA application_id'),
    version: numberOf(database, 'PRAGMA user_version'),
    tables: numberOf(database, 'SELECT count(*) FROM sqlite_schema'),
  };
  if (found.id === 0 && found.version === 0 && found.tables === 0) {
    database.exec(`BEGIN IMMEDIATE; ${file.schema};
      PRAGMA application_id=${id}; PRAGMA user_version=${file.version}; COMMIT`);
  } else if (found.id !== id || found.version !== file.version) {
    throw engineErrors.create('engine-store-version', {
      file: file.path,
      found: found.id === id ? `${file.kind} ${found.version}` : 'unknown',
      expected: `${file.kind} ${file.version}`,
    });
  }
}

function numberOf(database: Database, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0]);
}

/** SQLITE_CORRUPT and SQLITE_NOTADB, see sqlite.org/rescode.html. */
const damageCodes = new Set([11, 26]);

/** SQLite's and the operating system's errors as ours; our own pass. */
export function sqliteFailed(path: string, error: unknown): Error {
  if (!isDamage(error)) return storeFailed(path, error);
  const details = { file: path, reason: error.message };
  return engineErrors.create('engine-store-damaged', details, { cause: error });
}

function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { errcode } = error as { readonly errcode?: number };
  // The low byte is the kind, what is above tells more of it.
  return errcode !== undefined && damageCodes.has(errcode & 0xff);
}

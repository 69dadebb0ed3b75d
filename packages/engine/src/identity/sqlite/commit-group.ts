import type { DatabaseSync } from 'node:sqlite';
import { engineErrors } from '../../errors.ts';
import { sqliteFailed } from '../../sqlite/sqlite-file.ts';

interface Waiting {
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** A turn with more calls than this commits in between, so that what waits stays small. */
const maxCallsPerCommit = 1000;

/**
 * Calls of one turn share one transaction and so one sync of the disk: a crowd that joins at once
 * waits for few of them. A call's work is done when it is made and undone by itself when it fails; its
 * promise settles after the commit, in the order of the calls.
 */
export class CommitGroup {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #defer: (task: () => void) => void;
  #waiting: Waiting[] = [];
  #open = false;
  #closed = false;
  #emptyJournal = false;

  constructor(database: DatabaseSync, path: string, defer: (task: () => void) => void) {
    this.#database = database;
    this.#path = path;
    this.#defer = defer;
  }

  async write<Result>(work: () => Result): Promise<Result> {
    this.#begin();
    const result = this.#attempt(work);
    await this.#committed();
    return result;
  }

  /** Reads what is there; when that may not be durable yet, the answer waits until it is. */
  async read<Result>(work: () => Result): Promise<Result> {
    this.#refuseClosed();
    const result = this.#translate(work);
    if (this.#open) await this.#committed();
    return result;
  }

  /** The journal keeps pages as they were; once this turn is committed they are written back and it is emptied. */
  emptyJournalAfterCommit(): void {
    this.#emptyJournal = true;
  }

  /** Commits what waits and closes the database. */
  close(): void {
    if (this.#closed) return;
    this.#commit();
    this.#closed = true;
    this.#database.close();
  }

  #begin(): void {
    this.#refuseClosed();
    if (this.#open) return;
    this.#translate(() => this.#database.exec('BEGIN IMMEDIATE'));
    this.#open = true;
    this.#defer(() => this.#commit());
  }

  #attempt<Result>(work: () => Result): Result {
    try {
      this.#database.exec('SAVEPOINT call');
      const result = work();
      this.#database.exec('RELEASE call');
      return result;
    } catch (error) {
      const failure = sqliteFailed(this.#path, error);
      // A full or failing disk ends the whole transaction, and with it what others were promised.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK TO call; RELEASE call');
      else this.#settle(failure);
      throw failure;
    }
  }

  #committed(): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ done, failed });
      if (this.#waiting.length >= maxCallsPerCommit) this.#commit();
    });
  }

  #commit(): void {
    if (!this.#open) return;
    try {
      this.#database.exec('COMMIT');
      if (this.#emptyJournal) this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      this.#emptyJournal = false;
      this.#settle();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#settle(sqliteFailed(this.#path, error));
    }
  }

  #settle(failure?: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#open = false;
    for (const call of waiting) {
      if (failure) call.failed(failure);
      else call.done();
    }
  }

  #translate<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw sqliteFailed(this.#path, error);
    }
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw engineErrors.create('engine-store-failed', {
      file: this.#path,
      reason: 'it is closed',
    });
  }
}

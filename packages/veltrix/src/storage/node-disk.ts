import type { DatabaseSync } from 'node:sqlite';
import { noteWait } from '../telemetry/thread-waits.ts';
import type { Disk, DiskFile } from './disk.ts';

/**
 * An import would read all its exports, and for its promises load 20 modules of Node: 0.6 MB in the processors'
 * thread, which needs none of them.
 */
const fs = process.getBuiltinModule('node:fs');

/** The real file system. */
export class NodeDisk implements Disk {
  open(path: string, options: { readonly create?: boolean } = {}): DiskFile {
    const { O_RDWR, O_CREAT } = fs.constants;
    return new NodeFile(path, fs.openSync(path, options.create ? O_RDWR | O_CREAT : O_RDWR, 0o600));
  }

  list(directory: string): string[] {
    try {
      return fs.readdirSync(directory).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  makeDirectory(directory: string): void {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  rename(from: string, to: string): void {
    fs.renameSync(from, to);
  }

  link(from: string, to: string): void {
    fs.linkSync(from, to);
  }

  remove(path: string, done?: (error?: Error) => void): void {
    if (done) fs.unlink(path, (error) => done(error ?? undefined));
    else fs.unlinkSync(path);
  }

  syncDirectory(directory: string, done?: (error?: Error) => void): void {
    const descriptor = fs.openSync(directory, fs.constants.O_RDONLY);
    if (!done) {
      try {
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      return;
    }
    fs.fsync(descriptor, (error) => {
      fs.closeSync(descriptor);
      done(error ?? undefined);
    });
  }

  /**
   * An SQLite file with an exclusive transaction held open: a lock of the kernel's, so it goes with
   * the process however that ends, and SQLite also refuses a second one within the process, which
   * plain POSIX locks do not.
   */
  lock(path: string): { release(): void } | undefined {
    const sqlite = process.getBuiltinModule('node:sqlite');
    const database = new sqlite.DatabaseSync(path, { timeout: 0 });
    try {
      database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
      throw Object.assign(error as Error, { syscall: 'lock' });
    }
    held.add(database);
    return {
      release: () => {
        held.delete(database);
        database.close();
      },
    };
  }
}

/** Keeps the collector from closing a database, and with it a lock, that nobody happens to refer to. */
const held = new Set<DatabaseSync>();

const sqliteBusy = 5;

/** More than this is written to the disk for longer than a thread of the pool takes to be woken. */
const shortSyncBytes = 64 << 10;

/** A disk on which the last syncs took longer, on average, is better waited for on another thread. */
const shortSyncMs = 1;

/** Of one sync in the average of the last ones. */
const syncWeight = 1 / 8;

class NodeFile implements DiskFile {
  readonly path: string;
  readonly #descriptor: number;
  /** Written since the last sync began. */
  #unsyncedBytes = 0;
  /** An average in which the latest count most. */
  #syncMs = 0;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  size(): number {
    return fs.fstatSync(this.#descriptor).size;
  }

  read(position: number, into: Uint8Array): number {
    let total = 0;
    while (total < into.length) {
      const count = fs.readSync(
        this.#descriptor,
        into,
        total,
        into.length - total,
        position + total,
      );
      if (count === 0) break;
      total += count;
    }
    return total;
  }

  write(position: number, bytes: Uint8Array): void {
    this.#unsyncedBytes += bytes.length;
    for (let total = 0; total < bytes.length; ) {
      total += fs.writeSync(this.#descriptor, bytes, total, bytes.length - total, position + total);
    }
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.#descriptor, size);
  }

  sync(done?: (error?: Error) => void): void {
    this.#unsyncedBytes = 0;
    if (done === undefined) {
      fs.fdatasyncSync(this.#descriptor);
      return;
    }
    const began = performance.now();
    fs.fdatasync(this.#descriptor, (error) => {
      this.#noteSync(performance.now() - began);
      done(error ?? undefined);
    });
  }

  syncIfShort(): boolean {
    if (this.#unsyncedBytes > shortSyncBytes || this.#syncMs > shortSyncMs) return false;
    const began = performance.now();
    this.sync();
    const milliseconds = performance.now() - began;
    noteWait(milliseconds);
    this.#noteSync(milliseconds);
    return true;
  }

  #noteSync(milliseconds: number): void {
    this.#syncMs += (milliseconds - this.#syncMs) * syncWeight;
  }

  writeSlowly(position: number, bytes: Uint8Array, done: (error?: Error) => void): void {
    const step = (from: number) => {
      fs.write(
        this.#descriptor,
        bytes,
        from,
        bytes.length - from,
        position + from,
        (error, count) => {
          if (error) done(error);
          else if (from + count < bytes.length) step(from + count);
          else done();
        },
      );
    };
    step(0);
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}

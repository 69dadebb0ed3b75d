import { dirname } from 'node:path/posix';
import type { Disk, DiskFile } from './disk.ts';
import { type Random, SimulatedFile, sectorBytes } from './simulated-file.ts';

export type DiskOperation =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'write-slowly'
  | 'make-directory'
  | 'rename'
  | 'link'
  | 'remove'
  | 'sync-directory';

export interface SimulatedDiskOptions {
  readonly random: Random;
  /** Runs a task later, when the simulator sees fit: completions of syncs and slow writes. */
  readonly schedule: (task: () => void) => void;
}

/** A change of a directory: what is there afterwards under each name; undefined when nothing is. */
type DirectoryChange = readonly (readonly [path: string, entry: Entry | undefined])[];
type Entry = SimulatedFile | 'directory';
type Done = (error?: Error) => void;

/**
 * A disk in memory that loses, at `crash`, what a real one may lose: unsynced writes (each sector by
 * chance, in any order), and directory changes whose directory was not synced. No timers, no promises.
 */
export class SimulatedDisk implements Disk {
  /** Called before every I/O step; the simulator may throw here to crash at exactly this point. */
  beforeOperation: ((operation: DiskOperation, path: string) => void) | undefined;
  /** Bytes that may still be written before ENOSPC. */
  fullAfterBytes = Number.POSITIVE_INFINITY;
  /** The next sync of a file fails with EIO. */
  failNextSync = false;
  readonly #random: Random;
  readonly #schedule: (task: () => void) => void;
  #live = new Map<string, Entry>();
  #durable = new Map<string, Entry>();
  /** Directory changes not yet synced, by directory, oldest first. */
  #pending = new Map<string, DirectoryChange[]>();
  #locks = new Set<string>();
  /** Counts the crashes: a handle or a completion of an earlier life is dead. */
  #life = 0;

  constructor(options: SimulatedDiskOptions) {
    this.#random = options.random;
    this.#schedule = options.schedule;
  }

  open(path: string, options: { readonly create?: boolean } = {}): DiskFile {
    this.#before('open', path);
    let file = this.#live.get(path);
    if (file === 'directory') throw systemError('EISDIR', 'open', path);
    if (!file) {
      if (!options.create || this.#live.get(dirname(path)) !== 'directory') {
        throw systemError('ENOENT', 'open', path);
      }
      file = new SimulatedFile();
      this.#change(dirname(path), [[path, file]]);
    }
    return this.#handle(path, file);
  }

  #handle(path: string, file: SimulatedFile): DiskFile {
    const life = this.#life;
    let open = true;
    const check = () => {
      if (life !== this.#life) throw new Error(`${path} was opened in an earlier life`);
      if (!open) throw systemError('EBADF', 'use', path);
    };
    const step = (operation: DiskOperation) => {
      check();
      this.#before(operation, path);
    };
    return {
      path,
      size: () => {
        check();
        return file.live.size;
      },
      read: (position, into) => {
        step('read');
        return file.live.read(position, into);
      },
      write: (position, bytes) => {
        step('write');
        this.#write(file, path, position, bytes);
      },
      truncate: (size) => {
        step('truncate');
        file.truncate(size);
      },
      sync: (done) => {
        step('sync');
        const covered = file.changes;
        this.#complete(done, () => this.#sync(file, path, covered));
      },
      syncIfShort: () => {
        check();
        if (this.#random.next() < 0.5) return false;
        step('sync');
        this.#sync(file, path, file.changes);
        return true;
      },
      writeSlowly: (position, bytes, done) => {
        step('write-slowly');
        this.#complete(done, () => this.#write(file, path, position, bytes));
      },
      close: () => {
        open = false;
      },
    };
  }

  #before(operation: DiskOperation, path: string): void {
    this.beforeOperation?.(operation, path);
  }

  /** Runs `work` now, or later when there is someone to call back. */
  #complete(done: Done | undefined, work: () => void): void {
    if (!done) {
      work();
      return;
    }
    const life = this.#life;
    this.#schedule(() => {
      if (life !== this.#life) return;
      let failure: Error | undefined;
      try {
        work();
      } catch (error) {
        failure = error as Error;
      }
      if (failure) done(failure);
      else done();
    });
  }

  #write(file: SimulatedFile, path: string, position: number, bytes: Uint8Array): void {
    if (bytes.length > this.fullAfterBytes) {
      // Space is handed out in whole sectors.
      const end = position + this.fullAfterBytes;
      const room = Math.max(0, end - (end % sectorBytes) - position);
      file.write(position, bytes.subarray(0, room));
      this.fullAfterBytes = 0;
      throw systemError('ENOSPC', 'write', path);
    }
    this.fullAfterBytes -= bytes.length;
    file.write(position, bytes);
  }

  #sync(file: SimulatedFile, path: string, covered: number): void {
    if (!this.failNextSync) {
      file.synced(covered);
      return;
    }
    this.failNextSync = false;
    file.syncFailed(covered, this.#random);
    throw systemError('EIO', 'fdatasync', path);
  }

  list(directory: string): string[] {
    const names: string[] = [];
    for (const path of this.#live.keys()) {
      if (dirname(path) === directory && path !== directory)
        names.push(path.slice(directory.length + 1));
    }
    return names.sort();
  }

  makeDirectory(directory: string): void {
    const entry = this.#live.get(directory);
    if (entry === 'directory') return;
    if (entry) throw systemError('EEXIST', 'mkdir', directory);
    const parent = dirname(directory);
    if (parent === directory) {
      this.#live.set(directory, 'directory');
      this.#durable.set(directory, 'directory');
      return;
    }
    this.makeDirectory(parent);
    this.#before('make-directory', directory);
    this.#change(parent, [[directory, 'directory']]);
  }

  rename(from: string, to: string): void {
    this.#before('rename', from);
    const entry = this.#live.get(from);
    if (entry === 'directory' || dirname(from) !== dirname(to)) {
      throw systemError('EXDEV', 'rename', from);
    }
    if (!entry) throw systemError('ENOENT', 'rename', from);
    this.#change(dirname(from), [
      [from, undefined],
      [to, entry],
    ]);
  }

  link(from: string, to: string): void {
    this.#before('link', from);
    const entry = this.#live.get(from);
    if (entry === 'directory' || dirname(from) !== dirname(to)) {
      throw systemError('EXDEV', 'link', from);
    }
    if (!entry) throw systemError('ENOENT', 'link', from);
    if (this.#live.has(to)) throw systemError('EEXIST', 'link', to);
    this.#change(dirname(from), [[to, entry]]);
  }

  remove(path: string, done?: Done): void {
    this.#before('remove', path);
    this.#complete(done, () => {
      const entry = this.#live.get(path);
      if (!entry || entry === 'directory') throw systemError('ENOENT', 'unlink', path);
      this.#change(dirname(path), [[path, undefined]]);
    });
  }

  #change(directory: string, change: DirectoryChange): void {
    applyChange(this.#live, change);
    const changes = this.#pending.get(directory);
    if (changes) changes.push(change);
    else this.#pending.set(directory, [change]);
  }

  syncDirectory(directory: string, done?: Done): void {
    this.#before('sync-directory', directory);
    if (this.#live.get(directory) !== 'directory') throw systemError('ENOENT', 'open', directory);
    const covered = this.#pending.get(directory)?.length ?? 0;
    const changes = this.#pending.get(directory)?.slice(0, covered) ?? [];
    this.#complete(done, () => {
      const pending = this.#pending.get(directory);
      for (const change of changes) {
        // Another sync that ran meanwhile may have taken it already.
        if (pending?.[0] !== change) continue;
        pending.shift();
        applyChange(this.#durable, change);
      }
    });
  }

  lock(path: string): { release(): void } | undefined {
    if (this.#locks.has(path)) return undefined;
    const locks = this.#locks;
    locks.add(path);
    return { release: () => locks.delete(path) };
  }

  /**
   * Power is lost. Afterwards the disk holds what was durable and a random part of what was not; all
   * handles and locks are gone and no completion that was under way calls back.
   */
  crash(): void {
    this.kill();
    const inOrder = this.#random.next() < 0.5;
    for (const [, changes] of this.#pending) {
      const kept = Math.floor(this.#random.next() * (changes.length + 1));
      for (const [index, change] of changes.entries()) {
        if (inOrder ? index < kept : this.#random.next() < 0.5) applyChange(this.#durable, change);
      }
    }
    this.#pending = new Map();
    this.#live = new Map();
    for (const [path, entry] of this.#durable) {
      if (!this.#reachable(path)) this.#durable.delete(path);
      else this.#live.set(path, entry);
    }
    for (const file of new Set(this.#live.values())) {
      if (file !== 'directory') file.crash(this.#random);
    }
  }

  /**
   * The process dies and the machine lives on: handles, locks and completions are gone, but what was
   * written stays readable and waits to be synced.
   */
  kill(): void {
    this.#life += 1;
    this.#locks = new Set();
  }

  /** Whether every directory above `path` outlived the crash. */
  #reachable(path: string): boolean {
    const parent = dirname(path);
    return (
      parent === path || (this.#durable.get(parent) === 'directory' && this.#reachable(parent))
    );
  }

  /** Turns over one bit of a file, in what is read and in what is durable. */
  flipBit(path: string, position: number, bit = 0): void {
    const file = this.#live.get(path);
    if (!file || file === 'directory') throw systemError('ENOENT', 'flip', path);
    for (const image of new Set([file.live, file.durable])) {
      const byte = new Uint8Array(1);
      if (image.read(position, byte) === 0) continue;
      byte[0]! ^= 1 << bit;
      image.write(position, byte);
    }
  }
}

function applyChange(entries: Map<string, Entry>, change: DirectoryChange): void {
  for (const [path, entry] of change) {
    if (entry) entries.set(path, entry);
    else entries.delete(path);
  }
}

function systemError(code: string, operation: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), {
    code,
    syscall: operation,
    path,
  });
}

import type { Disk, DiskFile } from '../storage/disk.ts';
import type { SeededRandom } from './seeded-random.ts';

interface Write {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** Whether a write or sync of this file shall fail; then `fail` is called later. */
export type FailLater = (path: string, fail: (error: Error) => void) => boolean;

/**
 * A disk that remembers where its journals were written, sync by sync, so that damage can be done to
 * what is certainly durable and known to be: a log cannot tell a damaged last frame from a torn one.
 * Other files may be made to fail.
 */
export class WatchedDisk implements Disk {
  readonly #disk: Disk;
  readonly #failLater: FailLater;
  /** Writes between two syncs, by directory, oldest first. */
  readonly #groups = new Map<string, Write[][]>();

  constructor(disk: Disk, failLater: FailLater) {
    this.#disk = disk;
    this.#failLater = failLater;
  }

  /** A position whose damage must be noticed; undefined while there is none. */
  pickDurable(random: SeededRandom): { path: string; position: number } | undefined {
    const writes = [...this.#groups.values()]
      .flatMap((groups) =>
        groups
          .filter((group) => group.length > 0)
          .slice(0, -2)
          .flat(),
      )
      .filter(({ path }) => this.#exists(path));
    if (writes.length === 0) return undefined;
    const { path, from, to } = random.pick(writes);
    return { path, position: random.between(from, to - 1) };
  }

  #exists(path: string): boolean {
    const slash = path.lastIndexOf('/');
    return this.#disk.list(path.slice(0, slash)).includes(path.slice(slash + 1));
  }

  open(path: string, options?: { readonly create?: boolean }): DiskFile {
    const file = this.#disk.open(path, options);
    if (!path.endsWith('.seg')) return refusing(file, this.#failLater);
    const directory = path.slice(0, path.lastIndexOf('/'));
    let groups = this.#groups.get(directory);
    if (!groups) {
      groups = [[]];
      this.#groups.set(directory, groups);
    }
    return watched(file, groups);
  }

  list(directory: string): string[] {
    return this.#disk.list(directory);
  }

  makeDirectory(directory: string): void {
    this.#disk.makeDirectory(directory);
  }

  rename(from: string, to: string): void {
    this.#disk.rename(from, to);
  }

  link(from: string, to: string): void {
    this.#disk.link(from, to);
  }

  remove(path: string, done?: (error?: Error) => void): void {
    this.#disk.remove(path, done);
  }

  syncDirectory(directory: string, done?: (error?: Error) => void): void {
    this.#disk.syncDirectory(directory, done);
  }

  lock(path: string): { release(): void } | undefined {
    return this.#disk.lock(path);
  }
}

function watched(file: DiskFile, groups: Write[][]): DiskFile {
  return {
    path: file.path,
    size: () => file.size(),
    read: (position, into) => file.read(position, into),
    write(position, bytes) {
      file.write(position, bytes);
      const write = { path: file.path, from: position, to: position + bytes.length };
      // What is written again is only as durable as the latest writing of it.
      keep(groups, (other) => other.path !== write.path || !overlaps(other, write));
      groups.at(-1)!.push(write);
    },
    truncate(size) {
      file.truncate(size);
      // What is cut is a torn tail: it was not durable, or not known to be.
      keep(groups, ({ path, to }) => path !== file.path || to <= size);
    },
    sync(done) {
      if (groups.at(-1)!.length > 0) groups.push([]);
      file.sync(done);
    },
    syncIfShort() {
      const isSynced = file.syncIfShort();
      if (isSynced && groups.at(-1)!.length > 0) groups.push([]);
      return isSynced;
    },
    writeSlowly: (position, bytes, done) => file.writeSlowly(position, bytes, done),
    close: () => file.close(),
  };
}

/** A file whose slow writes and syncs may fail. */
function refusing(file: DiskFile, failLater: FailLater): DiskFile {
  return {
    path: file.path,
    size: () => file.size(),
    read: (position, into) => file.read(position, into),
    write: (position, bytes) => file.write(position, bytes),
    truncate: (size) => file.truncate(size),
    sync(done) {
      if (!done || !failLater(file.path, done)) file.sync(done);
    },
    syncIfShort: () => file.syncIfShort(),
    writeSlowly(position, bytes, done) {
      if (!failLater(file.path, done)) file.writeSlowly(position, bytes, done);
    },
    close: () => file.close(),
  };
}

export function outOfSpace(operation: string, path: string): Error {
  const what = { code: 'ENOSPC', syscall: operation, path };
  return Object.assign(new Error(`ENOSPC: ${operation} '${path}'`), what);
}

function overlaps(x: Write, y: Write): boolean {
  return x.from < y.to && y.from < x.to;
}

function keep(groups: readonly Write[][], isKept: (write: Write) => boolean): void {
  for (const group of groups) {
    const kept = group.filter(isKept);
    if (kept.length < group.length) group.splice(0, group.length, ...kept);
  }
}

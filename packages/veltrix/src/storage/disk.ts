/**
 * A file system as a port. Everything that takes no `done` returns at once; a write is
 * readable at once but survives a crash only after a later `sync` has called back without error.
 * Creations, renames, links and removals survive only after `syncDirectory`.
 *
 * Errors are the operating system's own (`NodeJS.ErrnoException`); callers turn them into coded errors.
 */
export interface Disk {
  /** Opens for reading and writing; `create` makes an empty file when there is none (else ENOENT). */
  open(path: string, options?: { readonly create?: boolean }): DiskFile;
  /** Names (not paths) in a directory, sorted; empty when it does not exist. */
  list(directory: string): string[];
  makeDirectory(directory: string): void;
  rename(from: string, to: string): void;
  /** Gives a file a second name in the same directory; EEXIST when that is taken. */
  link(from: string, to: string): void;
  /** With `done` it does not hold up the caller's thread, which a large file does for milliseconds. */
  remove(path: string, done?: (error?: Error) => void): void;
  /**
   * Makes creations, renames, links and removals in the directory durable. With `done` it does not hold up
   * the caller's thread; without, it returns once they are (for start-up) or throws.
   */
  syncDirectory(directory: string, done?: (error?: Error) => void): void;
  /** Takes the exclusive lock `path`, or returns undefined when another holder has it. Gone when the process dies. */
  lock(path: string): { release(): void } | undefined;
}

export interface DiskFile {
  readonly path: string;
  /** Size in bytes now. */
  size(): number;
  /** Reads up to `into.length` bytes; returns how many; 0 at the end. */
  read(position: number, into: Uint8Array): number;
  /** Writes all of `bytes`. Throws ENOSPC or EIO; then any part of them may have been written. */
  write(position: number, bytes: Uint8Array): void;
  /** Sets the size; new space reads as zeros. */
  truncate(size: number): void;
  /**
   * fdatasync: everything written before the call is durable once `done` is called without error.
   * Without `done` it holds up the caller's thread until then, or throws: for start-up only.
   */
  sync(done?: (error?: Error) => void): void;
  /**
   * As `sync` without `done`, if that is likely to hold up the caller's thread for less than another thread takes to be
   * asked and to answer; otherwise it does nothing and returns false. Throws what `sync` throws.
   */
  syncIfShort(): boolean;
  /** Writes without holding up the caller's thread, for bulk work that nobody waits for. `bytes` must not change until `done`. */
  writeSlowly(position: number, bytes: Uint8Array, done: (error?: Error) => void): void;
  close(): void;
}

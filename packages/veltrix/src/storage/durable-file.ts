import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { Disk } from './disk.ts';
import { isSystemError } from './system-error.ts';

/*
 * Small files that are written in one go. All are their owner's alone, and what fails throws the operating
 * system's errors. Each is written under the name of a draft first, of its own for every writer; a draft that
 * a crash left behind is removed by the next writer of the same file. A directory that may not be read is refused
 * before anything is made in it: what is in it can neither be tidied nor made durable.
 */

/**
 * Of one write; only where others take a draft for left over, again and again, is more than one needed. Six processes that
 * do nothing but write one file take each other's more often than not: with 64 none of them comes to an end of its drafts.
 */
const draftsMax = 64;
const draftEnd = /^\.[0-9a-f]{16}\.tmp$/;

/**
 * Makes a file, or replaces it. After a crash it is as it was or as it is to be, and once this has returned it
 * is as it is to be. Of several writers at once one is the last, whole; they take each other's drafts for left
 * over, and who loses one makes another, up to a limit (then ENOENT). Where it throws, the file is as it was,
 * or replaced and not known to be durable.
 */
export function writeFileDurably(disk: Disk, path: string, content: Uint8Array): void {
  removeDrafts(disk, path);
  exchange(disk, path, content, (draft) => renameDurably(disk, draft, path));
}

/**
 * Makes a file unless there is one: of several writers the first makes it, and all find it whole and durable.
 * True where this one did.
 */
export function makeFileOnce(disk: Disk, path: string, content: Uint8Array): boolean {
  removeDrafts(disk, path);
  return exchange(disk, path, content, (draft) => {
    const isOurs = linkUnlessThere(disk, draft, path);
    discard(disk, draft);
    // Also where it is another's, who may be about to do so: this one goes on with it.
    disk.syncDirectory(dirname(path));
    return isOurs;
  });
}

/**
 * Removes what crashes left behind. To be called at a start where a file is made only once, as its draft would
 * stay as a second name of it. A writer whose draft is removed meanwhile makes another.
 */
export function removeDrafts(disk: Disk, path: string): void {
  const directory = dirname(path);
  for (const name of disk.list(directory)) {
    if (isDraftOf(name, basename(path))) discard(disk, `${directory}/${name}`);
  }
}

/** Whether a name in a directory is that of a draft of the file of another name. */
export function isDraftOf(name: string, file: string): boolean {
  return name.startsWith(file) && draftEnd.test(name.slice(file.length));
}

/** Makes durable what somebody else has written into a file. */
export function syncFile(disk: Disk, path: string): void {
  const file = disk.open(path);
  try {
    file.sync();
  } finally {
    file.close();
  }
}

/** Renames within a directory, durably. What is renamed must be durable already. */
export function renameDurably(disk: Disk, from: string, to: string): void {
  disk.rename(from, to);
  disk.syncDirectory(dirname(to));
}

function exchange<T>(disk: Disk, path: string, content: Uint8Array, put: (draft: string) => T): T {
  for (let drafts = 1; ; drafts += 1) {
    const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`;
    try {
      fill(disk, draft, content);
      return put(draft);
    } catch (error) {
      discard(disk, draft);
      if (drafts === draftsMax || !isDraftGone(error)) throw error;
    }
  }
}

function fill(disk: Disk, draft: string, content: Uint8Array): void {
  const file = disk.open(draft, { create: true });
  try {
    file.write(0, content);
    file.sync();
  } finally {
    file.close();
  }
}

/** Unlike a rename it never replaces. */
function linkUnlessThere(disk: Disk, draft: string, path: string): boolean {
  try {
    disk.link(draft, path);
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** As opposed to its directory. */
function isDraftGone(error: unknown): boolean {
  return isSystemError(error) && error.code === 'ENOENT' && error.syscall !== 'open';
}

/** A draft that cannot be removed harms nobody, and may be gone already. */
function discard(disk: Disk, draft: string): void {
  try {
    disk.remove(draft);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

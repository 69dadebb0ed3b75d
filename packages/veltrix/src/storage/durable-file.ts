import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { Disk } from './disk.ts';
import { isSystemError } from './system-error.ts';

/*
 * Small files that are written in one go. All are their owner's alone, and what fails throws the operating
 * system's errors. Each is written under the name of a draft first, of its own for every writer and with the id of
 * its process; a draft of a process that is gone is removed by the next writer of the same file. Where another process
 * has that id by then, after a reboot or in another container, it stays until that one ends, or until `removeDrafts` at
 * a start. A directory that may not be read is refused before anything is made in it: what is in it can neither be
 * tidied nor made durable.
 */

/**
 * Of one write; one is enough where others see that its writer is there. In another container on the same directory
 * they do not: with 64 none of six processes that do nothing but write one file comes to an end of its drafts.
 */
const draftsMax = 64;
/** With the id of the writing process; earlier builds left it out. */
const draftEnd = /^\.(?:([1-9]\d{0,8})-)?[0-9a-f]{16}\.tmp$/;

/**
 * Makes a file, or replaces it. After a crash it is as it was or as it is to be, and once this has returned it
 * is as it is to be. Of several writers at once one is the last, whole; who loses a draft to one that takes it for left
 * over makes another, up to a limit (then ENOENT). Where it throws, the file is as it was, or replaced and not
 * known to be durable.
 */
export function writeFileDurably(disk: Disk, path: string, content: Uint8Array): void {
  removeLeftOver(disk, path);
  exchange(disk, path, content, (draft) => renameDurably(disk, draft, path));
}

/**
 * Makes a file unless there is one: of several writers the first makes it, and all find it whole and durable.
 * True where this one did.
 */
export function makeFileOnce(disk: Disk, path: string, content: Uint8Array): boolean {
  removeLeftOver(disk, path);
  return exchange(disk, path, content, (draft) => {
    const isOurs = linkUnlessThere(disk, draft, path);
    discard(disk, draft);
    // Also where it is another's, who may be about to do so: this one goes on with it.
    disk.syncDirectory(dirname(path));
    return isOurs;
  });
}

/**
 * Removes all drafts of a file, whoever makes them. To be called at a start where a file is made only once, as what a
 * crash left behind would stay as a second name of it. A writer whose draft is removed meanwhile makes another.
 */
export function removeDrafts(disk: Disk, path: string): void {
  for (const { draft } of draftsOf(disk, path)) discard(disk, draft);
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

function removeLeftOver(disk: Disk, path: string): void {
  for (const { draft, writer } of draftsOf(disk, path)) if (isGone(writer)) discard(disk, draft);
}

function draftsOf(disk: Disk, path: string): { draft: string; writer: string | undefined }[] {
  const [directory, file] = [dirname(path), basename(path)];
  return disk
    .list(directory)
    .filter((name) => isDraftOf(name, file))
    .map((name) => ({
      draft: `${directory}/${name}`,
      writer: draftEnd.exec(name.slice(file.length))?.[1],
    }));
}

/**
 * Whether no process that may write has that id. Of this one nothing is under way, as a write is one call: what
 * has its id was left by one that had it before, in a container often each. Another thread that writes makes another draft.
 */
function isGone(writer: string | undefined): boolean {
  if (writer === undefined || writer === String(process.pid)) return true;
  try {
    return !process.kill(Number(writer), 0);
  } catch (error) {
    return isSystemError(error) && error.code === 'ESRCH';
  }
}

function exchange<T>(disk: Disk, path: string, content: Uint8Array, put: (draft: string) => T): T {
  for (let drafts = 1; ; drafts += 1) {
    const draft = `${path}.${process.pid}-${randomBytes(8).toString('hex')}.tmp`;
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
export function discard(disk: Disk, draft: string): void {
  try {
    disk.remove(draft);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Disk, makeDirectoryDurably, renameDurably } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { storeFailed, storing } from '../store-failed.ts';
import type { BackupFile } from './backup-manifest.ts';

const blockBytes = 1 << 16;

/** Paths of all files below a directory, with slashes, sorted. */
export function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const paths: string[] = [];
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue;
    paths.push(join(entry.parentPath, entry.name).slice(directory.length + 1));
  }
  return paths.sort();
}

/** Reads files to their end. Rejects with `engine-store-failed`. */
export async function describeFiles(
  directory: string,
  paths: readonly string[],
  onRead: (bytes: number) => void,
): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  for (const path of paths) {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of chunksOf(`${directory}/${path}`)) {
      hash.update(chunk);
      bytes += chunk.length;
      onRead(chunk.length);
    }
    files.push({ path, bytes, sha256: hash.digest('hex') });
  }
  return files;
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw storeFailed(path, error);
  }
}

/** Throws `engine-backup-incomplete` for what is missing or shorter, `engine-backup-damaged` for what is another. */
export async function checkFiles(
  directory: string,
  expected: readonly BackupFile[],
  onRead: (bytes: number) => void,
): Promise<void> {
  for (const { path, bytes } of expected) {
    const found = statSync(`${directory}/${path}`, { throwIfNoEntry: false })?.size;
    if (found !== undefined && found >= bytes) continue;
    const reason =
      found === undefined ? `${path} is missing` : `${path} has ${found} of ${bytes} bytes`;
    throw engineErrors.create('engine-backup-incomplete', { place: directory, reason });
  }
  const known = new Set(expected.map(({ path }) => path));
  for (const path of filesBelow(`${directory}/log`)) {
    // It would be read with the others.
    if (!known.has(`log/${path}`)) throw damaged(`${directory}/log/${path}`, 'it does not belong');
  }
  const paths = expected.map(({ path }) => path);
  for (const [index, { path, sha256, bytes }] of (
    await describeFiles(directory, paths, onRead)
  ).entries()) {
    const wanted = expected[index]!;
    if (bytes === wanted.bytes && sha256 === wanted.sha256) continue;
    throw damaged(`${directory}/${path}`, `its SHA-256 is ${sha256}, not ${wanted.sha256}`);
  }
}

function damaged(file: string, reason: string): Error {
  return engineErrors.create('engine-backup-damaged', { file, reason });
}

/**
 * Makes a directory under another name, has it filled, and gives it its name once it is whole and durable:
 * who sees the name sees all of it. What fails leaves nothing behind; what is killed leaves `<name>.<kind>-…`.
 */
export async function madeWhole<T>(
  disk: Disk,
  directory: string,
  kind: 'partial' | 'restoring',
  fill: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = storing(directory, () => {
    makeDirectoryDurably(disk, dirname(directory));
    return mkdtempSync(`${directory}.${kind}-`);
  });
  try {
    const result = await fill(draft);
    storing(directory, () => {
      for (const path of directoriesBelow(draft)) disk.syncDirectory(path);
      // Fails when somebody else has put something there meanwhile.
      renameDurably(disk, draft, directory);
    });
    return result;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Makes a file of its owner alone, with what is in another that nobody changes meanwhile. Its name is durable once
 * the directory is. Throws `engine-store-failed`.
 */
export function copyDurably(disk: Disk, from: string, to: string): void {
  storing(to, () => {
    // Before there is anything in it: a mode that is changed later need not be durable with the content.
    closeSync(openSync(to, 'wx', 0o600));
    const source = openSync(from, 'r');
    const target = disk.open(to);
    try {
      const block = Buffer.alloc(blockBytes);
      for (let at = 0; ; ) {
        const count = readSync(source, block, 0, blockBytes, at);
        if (count === 0) break;
        target.write(at, block.subarray(0, count));
        at += count;
      }
      target.sync();
    } finally {
      target.close();
      closeSync(source);
    }
  });
}

function directoriesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  return [...below, directory];
}

/**
 * Takes away what was written ahead in the journal of a partition that was closed: files that are not in use,
 * and the zeros at the end of the last one that is. Only there it is known where zeros belong to nobody: behind
 * the seal, which ends with a number that is not 0.
 */
export function cutAhead(disk: Disk, partitionDirectory: string): void {
  storing(partitionDirectory, () => {
    for (const name of readdirSync(partitionDirectory).sort().reverse()) {
      const path = `${partitionDirectory}/${name}`;
      const used = usedBytes(path);
      if (used === 0) {
        rmSync(path);
        continue;
      }
      const file = disk.open(path);
      try {
        file.truncate(Math.ceil(used / 8) * 8);
        file.sync();
      } finally {
        file.close();
      }
      return;
    }
  });
}

/** Up to the last byte that is not 0. */
function usedBytes(path: string): number {
  const file = openSync(path, 'r');
  try {
    const block = Buffer.alloc(blockBytes);
    for (let end = statSync(path).size; end > 0; end -= blockBytes) {
      const start = Math.max(0, end - blockBytes);
      const count = readSync(file, block, 0, end - start, start);
      for (let last = count - 1; last >= 0; last--) {
        if (block[last] !== 0) return start + last + 1;
      }
    }
    return 0;
  } finally {
    closeSync(file);
  }
}

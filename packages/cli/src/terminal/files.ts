import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFileOnce, NodeDisk } from 'veltrix';
import { cliErrors } from '../errors.ts';

/** Throws cli-file-unreadable. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw cliErrors.create('cli-file-unreadable', { file, reason: reasonOf(error) });
  }
}

/** Writes a file that must not be there yet. Throws cli-file-exists, cli-file-unwritable. */
export function createText(file: string, text: string): void {
  write(file, text, 'wx');
}

/** Writes a file, over an old one. Throws cli-file-unwritable. */
export function replaceText(file: string, text: string): void {
  write(file, text, 'w');
}

export interface NewFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Writes files that must not be there yet and are for their owner alone, as are folders that it makes for them: all of
 * the files or, where it throws, none. Throws cli-file-exists, cli-file-unwritable.
 */
export function createSecrets(files: readonly NewFile[]): void {
  const made: string[] = [];
  try {
    for (const { file, text } of files) {
      createSecret(file, text);
      made.push(file);
    }
  } catch (error) {
    for (const file of made) rmSync(file, { force: true });
    throw error;
  }
}

function createSecret(file: string, text: string): void {
  let isNew: boolean;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    isNew = makeFileOnce(new NodeDisk(), file, Buffer.from(text));
  } catch (error) {
    throw unwritable(file, error);
  }
  if (!isNew) throw cliErrors.create('cli-file-exists', { file });
}

function write(file: string, text: string, flag: 'w' | 'wx'): void {
  try {
    writeFileSync(file, text, { flag });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw cliErrors.create('cli-file-exists', { file });
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): Error {
  return cliErrors.create('cli-file-unwritable', { file, reason: reasonOf(error) });
}

/** What the operating system says, without its repetition of the path. */
function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/,.*$/s, '');
}

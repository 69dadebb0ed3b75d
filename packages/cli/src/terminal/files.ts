import { readFileSync, writeFileSync } from 'node:fs';
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

function write(file: string, text: string, flag: 'w' | 'wx'): void {
  try {
    writeFileSync(file, text, { flag });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw cliErrors.create('cli-file-exists', { file });
    throw cliErrors.create('cli-file-unwritable', { file, reason: reasonOf(error) });
  }
}

/** What the operating system says, without its repetition of the path. */
function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/,.*$/s, '');
}

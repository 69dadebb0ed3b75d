import { readFileSync, statSync } from 'node:fs';
import { veltrixErrors } from '../errors.ts';

/** Largest file. */
const fileMaxBytes = 1 << 20;

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it',
  EISDIR: 'it is a directory',
};

/** What is in a file of settings. Throws `veltrix-config-unreadable`. */
export function readConfigText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > fileMaxBytes) throw new Error(`it has ${size} bytes; the limit is ${fileMaxBytes}`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const details = { file, reason: fileReasons[code] ?? message };
    throw veltrixErrors.create('veltrix-config-unreadable', details, { cause: error });
  }
}

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { engineErrors } from '../errors.ts';

/** Makes a file that only its owner may read. Throws `engine-store-failed`. */
export function writeDurably(path: string, text: string): void {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw engineErrors.create('engine-store-failed', { file: path, reason }, { cause: error });
  }
}

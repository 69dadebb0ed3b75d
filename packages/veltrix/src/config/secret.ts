import { readFileSync } from 'node:fs';
import path from 'node:path';
import { veltrixErrors } from '../errors.ts';
import { isReference } from './property-value.ts';

/** Longest secret, in bytes of its file. */
const secretMaxBytes = 64 * 1024;

interface SecretPlaces {
  /** Names the setting in messages. */
  readonly name: string;
  /** Paths in references are relative to it. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Looks a secret up where a reference (`file:PATH`, `env:NAME`) says it is. A line break at the end of a file is no part
 * of it. Throws `veltrix-secret-unreadable`, which never has what was read.
 */
export function readSecret(reference: string, { name, directory, env }: SecretPlaces): string {
  const fail = (reason: string, cause?: unknown) =>
    veltrixErrors.create('veltrix-secret-unreadable', { name, reason }, { cause });
  if (!isReference(reference)) throw fail('it is no reference such as file:PATH or env:NAME');
  const place = reference.slice(reference.indexOf(':') + 1);
  if (reference.startsWith('env:')) {
    const value = env[place];
    if (value === undefined || value === '') throw fail(`the environment has no ${place}`);
    return value;
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(path.resolve(directory, place));
  } catch (error) {
    throw fail((error as Error).message, error);
  }
  if (bytes.length > secretMaxBytes) throw fail(`${place} has more than ${secretMaxBytes} bytes`);
  const value = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (value === '') throw fail(`${place} is empty`);
  return value;
}

/** What stands in place of a secret, or of what may be one, wherever something is printed. */
export const redacted = '(hidden)';

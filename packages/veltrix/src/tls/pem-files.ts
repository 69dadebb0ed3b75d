import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { readSecret } from '../config/secret.ts';
import { fileState } from '../file-state.ts';

/** Texts of PEM. */
export interface Pems {
  /** Who may have signed the certificate of the other side; those that Node trusts unless told. */
  readonly ca?: string;
  /** Our certificate and those between it and its CA. With `key`. */
  readonly cert?: string;
  readonly key?: string;
}

export type PemPart = keyof Pems;

/** Where certificates and the key of one of them are said to be; a part that is not said is empty. Plain. */
export interface PemPlaces {
  /** Files; paths are relative to `directory`. */
  readonly ca: string;
  readonly cert: string;
  /** A reference: `file:PATH` or `env:NAME`. */
  readonly key: string;
  readonly directory: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a place is called, and what is thrown about one. */
export interface PemWords {
  readonly nameOf: (part: PemPart) => string;
  /** @param reason goes on after the name, or after its value */
  readonly fail: (part: PemPart, reason: string, cause?: unknown) => Error;
}

const fileMaxBytes = 1 << 20;

/**
 * Reads the files and holds them against each other. Throws what `fail` makes, and `veltrix-secret-unreadable`; neither has
 * what was read.
 */
export function readPemFiles(
  places: PemPlaces,
  words: PemWords,
  env: Environment = process.env,
): Pems {
  const { nameOf, fail } = words;
  const { directory } = places;
  const [ca, cert] = [certificates('ca', places, words), certificates('cert', places, words)];
  const key = places.key && readSecret(places.key, { name: nameOf('key'), directory, env });
  if (cert !== undefined && key) {
    try {
      createSecureContext({ cert, key });
    } catch (error) {
      throw fail('key', `is not that of ${nameOf('cert')}, or has a password`, error);
    }
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key && { key }),
  };
}

/**
 * As `readPemFiles`, for a certificate that is to be shown to others: one that has ended, or begins later, would be taken
 * by nobody.
 */
export function readShownCertificate(
  places: PemPlaces,
  words: PemWords,
  now: number,
  env: Environment = process.env,
): Pems {
  const pems = readPemFiles(places, words, env);
  if (pems.cert === undefined) return pems;
  const { validFrom, validTo } = new X509Certificate(pems.cert);
  if (Date.parse(validTo) < now)
    throw words.fail('cert', `has ended: it was good until ${validTo}`);
  if (Date.parse(validFrom) > now + clockSkewMs) {
    throw words.fail('cert', `is not good before ${validFrom}`);
  }
  return pems;
}

/** Who has just made it may have a clock that is a little ahead. */
const clockSkewMs = 60_000;

function certificates(
  part: 'ca' | 'cert',
  places: PemPlaces,
  { fail }: PemWords,
): string | undefined {
  const file = places[part];
  if (file === '') return undefined;
  let text: string;
  try {
    text = readFileSync(path.resolve(places.directory, file), 'utf8');
  } catch (error) {
    throw fail(part, `cannot be read: ${(error as Error).message}`, error);
  }
  if (text.length > fileMaxBytes) throw fail(part, `has more than ${fileMaxBytes} bytes`);
  try {
    new X509Certificate(text);
  } catch (error) {
    throw fail(part, `names ${file}, which has no certificate in PEM`, error);
  }
  return text;
}

/**
 * What the files among the places are at this moment, links followed: other texts are another state. A file that is not
 * there has one, too; what is in a variable never changes.
 */
export function pemState({ ca, cert, key, directory }: PemPlaces): string {
  const keyFile = key.startsWith('file:') ? key.slice('file:'.length) : '';
  const files = [ca, cert, keyFile].filter((file) => file !== '');
  return files.map((file) => fileState(path.resolve(directory, file))).join(' ');
}

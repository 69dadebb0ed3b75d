import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { type ConfigValues, readSecret } from 'veltrix/config';
import type { TlsOptions } from 'veltrix/tls';
import { invalid } from './cluster-file.ts';

export interface TlsPlaces {
  readonly values: ConfigValues;
  /** Paths are relative to it. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a setting is said, for messages. */
  readonly placeOf: (name: string) => string;
}

const fileMaxBytes = 1 << 20;

/**
 * What `SCOPE.tls` says, with the files read and held against each other; undefined where it is off. Throws
 * `engine-cluster-config-invalid`, `veltrix-secret-unreadable`; neither has what was read.
 */
export function readTls(scope: string, places: TlsPlaces): TlsOptions | undefined {
  const { values, directory, env, placeOf } = places;
  const named = (part: string) => `${scope}.tls.${part}`;
  if (values[named('enabled')] !== true) return undefined;
  const fail = (part: string, reason: string, cause?: unknown) =>
    invalid(placeOf(named(part)), named(part), reason, cause);
  const certificates = (part: string): string | undefined => {
    const file = String(values[named(part)]);
    if (file === '') return undefined;
    let text: string;
    try {
      text = readFileSync(path.resolve(directory, file), 'utf8');
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
  };
  const [ca, cert] = [certificates('ca'), certificates('cert')];
  const reference = String(values[named('key')]);
  const key = reference && readSecret(reference, { name: named('key'), directory, env });
  if (cert !== undefined && key) {
    try {
      createSecureContext({ cert, key });
    } catch (error) {
      throw fail('key', `is not that of ${named('cert')}, or has a password`, error);
    }
  }
  const serverName = String(values[named('serverName')]);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key && { key }),
    ...(serverName && { serverName }),
  };
}

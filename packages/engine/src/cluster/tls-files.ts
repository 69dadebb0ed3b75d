import type { ConfigValues } from 'veltrix/config';
import type { TlsOptions } from 'veltrix/tls';
import {
  namedFiles,
  type PemPart,
  type PemPlaces,
  type PemWords,
  readPemFiles,
} from '../tls/pem-files.ts';
import { invalid } from './cluster-file.ts';

export interface TlsPlaces {
  readonly values: ConfigValues;
  /** Paths are relative to it. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a setting is said, for messages. */
  readonly placeOf: (name: string) => string;
}

/**
 * What `SCOPE.tls` says, with the files read and held against each other; undefined where it is off. Throws
 * `engine-cluster-config-invalid`, `veltrix-secret-unreadable`; neither has what was read.
 */
export function readTls(scope: string, places: TlsPlaces): TlsOptions | undefined {
  if (places.values[`${scope}.tls.enabled`] !== true) return undefined;
  const serverName = String(places.values[`${scope}.tls.serverName`]);
  const pems = pemPlaces(scope, places);
  return {
    ...readPemFiles(pems, pemWords(scope, places.placeOf)),
    files: namedFiles(pems),
    ...(serverName && { serverName }),
  };
}

/** Where `SCOPE.tls` says that the files are. */
export function pemPlaces(scope: string, { values, directory, env }: TlsPlaces): PemPlaces {
  const text = (part: PemPart) => String(values[`${scope}.tls.${part}`]);
  return { ca: text('ca'), cert: text('cert'), key: text('key'), directory, env };
}

/** For errors of the cluster file. */
export function pemWords(scope: string, placeOf: (name: string) => string): PemWords {
  const nameOf = (part: PemPart) => `${scope}.tls.${part}`;
  return {
    nameOf,
    fail: (part, reason, cause) => invalid(placeOf(nameOf(part)), nameOf(part), reason, cause),
  };
}

import type { ConfigValues } from 'veltrix/config';
import {
  type Environment,
  type PemPart,
  type PemPlaces,
  type PemWords,
  readPemFiles,
  type TlsOptions,
} from 'veltrix/tls';
import { invalid } from './cluster-file.ts';

export interface TlsReading {
  readonly values: ConfigValues;
  /** Paths are relative to it. */
  readonly directory: string;
  readonly env: Environment;
  /** Where a setting is said, for messages. */
  readonly placeOf: (name: string) => string;
}

/**
 * What `SCOPE.tls` says, with the files read and held against each other; undefined where it is off. Throws
 * `engine-cluster-config-invalid`, `veltrix-secret-unreadable`; neither has what was read.
 */
export function readTls(scope: string, reading: TlsReading): TlsOptions | undefined {
  const { values, env, placeOf } = reading;
  if (values[`${scope}.tls.enabled`] !== true) return undefined;
  const serverName = String(values[`${scope}.tls.serverName`]);
  const places = pemPlaces(scope, reading);
  return {
    ...readPemFiles(places, pemWords(scope, placeOf), env),
    places,
    ...(serverName && { serverName }),
  };
}

/** Where `SCOPE.tls` says that the files are. */
export function pemPlaces(scope: string, { values, directory }: TlsReading): PemPlaces {
  const text = (part: PemPart) => String(values[`${scope}.tls.${part}`]);
  return { ca: text('ca'), cert: text('cert'), key: text('key'), directory };
}

/** For errors of the cluster file. */
export function pemWords(scope: string, placeOf: (name: string) => string): PemWords {
  const nameOf = (part: PemPart) => `${scope}.tls.${part}`;
  return {
    nameOf,
    fail: (part, reason, cause) => invalid(placeOf(nameOf(part)), nameOf(part), reason, cause),
  };
}

import type { TlsOptions } from 'veltrix/tls';
import { engineErrors } from '../../errors.ts';
import type { CassandraTraffic } from './cassandra-traffic.ts';

export interface CassandraArchiveOptions {
  /** "host" or "host:port" of some of the servers. */
  readonly contactPoints: readonly string[];
  /** As the servers call it. */
  readonly localDataCenter: string;
  readonly keyspace: string;
  /** As in CQL, such as `{ class: 'NetworkTopologyStrategy', dc1: '3' }`. */
  readonly replication: Readonly<Record<string, string>>;
  /** Identity of the log that is archived: 32 hexadecimal digits. */
  readonly logId: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** `cassandra.tls`: encrypts. The driver calls servers by their IP address: their certificates name it, or `serverName`. */
  readonly tls?: TlsOptions;
  /** How much is asked at once, and how often again; with the defaults where it is left out. */
  readonly traffic?: CassandraTraffic;
  /** `archive.requestTimeoutMs`: how long one request may take. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /**
   * How long one server may take to accept a connection, and then to answer each question that comes before all others.
   * Where it is left out, 3,000 and `requestTimeoutMs`.
   */
  readonly connectTimeoutMs?: number;
  /** Hears of every attempt to connect that failed. */
  readonly onProblem?: (error: Error) => void;
}

const name = /^[a-z][a-z0-9_]{0,47}$/;
const word = /^[A-Za-z0-9_.-]{1,100}$/;

/** Throws `engine-archive-option-invalid` for what could not be put into a statement as it is. */
export function checkOptions(options: CassandraArchiveOptions): void {
  const { contactPoints, keyspace, replication } = options;
  if (contactPoints.length === 0) throw invalid('contactPoints', '', 'at least one address');
  if (!name.test(keyspace)) {
    throw invalid('keyspace', keyspace, 'up to 48 of a-z, 0-9 and _, beginning with a letter');
  }
  for (const [key, value] of Object.entries(replication)) {
    if (word.test(key) && word.test(value)) continue;
    throw invalid('replication', `${key}: ${value}`, 'a class, and numbers of copies');
  }
  // Servers keep one number per data centre, so the short form could not be compared afterwards.
  if (
    replication['class']?.endsWith('NetworkTopologyStrategy') &&
    replication['replication_factor']
  ) {
    throw invalid('replication', 'replication_factor', 'a number of copies per data centre');
  }
  if (!('class' in replication)) throw invalid('replication', '', 'a class, and numbers of copies');
}

export function invalid(option: string, value: string, expected: string, cause?: unknown): Error {
  return engineErrors.create(
    'engine-archive-option-invalid',
    { option, value, expected },
    { cause },
  );
}

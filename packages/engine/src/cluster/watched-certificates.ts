import type { Logger } from 'pino';
import type { Clock } from 'veltrix';
import { readPemFiles } from 'veltrix/tls';
import { certificateWords } from '../tls/certificate-words.ts';
import { RenewedCertificates } from '../tls/renewed-certificates.ts';
import type { ClusterConfig } from './cluster-config.ts';

const servers = ['kafka', 'zookeeper', 'redis', 'cassandra'] as const;

export interface WatchingParts {
  readonly clock: Pick<Clock, 'after'>;
  /** Is told of each change: `engine-certificate-not-renewed` where it is of no use. */
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/**
 * Watches the files of certificates for servers, and only tells: connections look at them by themselves, in the thread that
 * makes them. Returns how to stop. What has become of no use since the settings were read is told as a later change is.
 */
export function watchServerCertificates(
  config: Pick<ClusterConfig, (typeof servers)[number]>,
  { clock, logger }: WatchingParts,
): () => void {
  const watched = servers.flatMap((server) => {
    const { tls: before } = config[server];
    if (before?.places === undefined) return [];
    const { places } = before;
    const words = certificateWords((part) => `${server}.tls.${part}`);
    const owner = `connections to ${server}`;
    const read = () => readPemFiles(places, words);
    return new RenewedCertificates({ owner, places, read, before, clock, logger });
  });
  // Only now: a timer of one would run on if the next could not be made.
  const stops = watched.map((certificates) => certificates.onChange(() => {}));
  return () => {
    for (const stop of stops) stop();
  };
}

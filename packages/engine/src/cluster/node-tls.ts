import type { Logger } from 'pino';
import type { Clock } from 'veltrix';
import type { TlsOptions } from 'veltrix/tls';
import { filesOf, type PemPlaces, readShownCertificate } from '../tls/pem-files.ts';
import { RenewedCertificates } from '../tls/renewed-certificates.ts';
import { pemPlaces, pemWords, type TlsPlaces } from './tls-files.ts';

/** What `nodes.tls` of the cluster file says, and where the files are: they are read again when they change. */
export interface NodeTls extends TlsOptions {
  readonly places: Omit<PemPlaces, 'env'>;
}

/** Undefined where it is off. Throws `engine-cluster-config-invalid`, `veltrix-secret-unreadable`. */
export function readNodeTls(reading: TlsPlaces): NodeTls | undefined {
  const { values, placeOf } = reading;
  if (values['nodes.tls.enabled'] !== true) return undefined;
  const { env, ...places } = pemPlaces('nodes', reading);
  const words = pemWords('nodes', placeOf);
  const serverName = String(values['nodes.tls.serverName']);
  return {
    ...readShownCertificate({ ...places, env }, words, Date.now()),
    ...(serverName && { serverName }),
    places,
  };
}

export interface RenewalParts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/** The certificates of a node, for as long as it runs. Throws as `readNodeTls`. */
export function renewedNodeTls(
  { places, serverName }: NodeTls,
  { clock, logger }: RenewalParts,
): RenewedCertificates {
  const here = { ...places, env: process.env };
  const words = pemWords('nodes', () => 'of this node');
  return new RenewedCertificates({
    ...{ owner: 'the node', files: filesOf(here), clock, logger },
    read: () => ({
      ...readShownCertificate(here, words, clock.now()),
      ...(serverName === undefined ? {} : { serverName }),
    }),
  });
}

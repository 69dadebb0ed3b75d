import type { Logger } from 'pino';
import type { Clock } from 'veltrix';
import type { PeerEncryption } from 'veltrix/cluster';
import { type PemPlaces, readShownCertificate, type TlsOptions } from 'veltrix/tls';
import { certificateWords } from '../tls/certificate-words.ts';
import { RenewedCertificates } from '../tls/renewed-certificates.ts';
import type { NodeTlsMode } from './node-tls-settings.ts';
import { pemPlaces, pemWords, type TlsReading } from './tls-files.ts';

/** What nodes show each other, and where the files are: they are read again when they change. */
export interface NodeTls extends TlsOptions {
  readonly places: PemPlaces;
  readonly mode: NodeTlsMode;
}

/** As a node says it of itself. @param nodes of the cluster file */
export function encryptionOf({ tls }: { readonly tls?: NodeTls }): PeerEncryption {
  return tls?.mode ?? 'off';
}

/**
 * What `nodes.tls` of the cluster file says; undefined where it is off. Throws `engine-cluster-config-invalid`,
 * `veltrix-secret-unreadable`.
 */
export function readNodeTls(reading: TlsReading): NodeTls | undefined {
  const { values, env, placeOf } = reading;
  if (values['nodes.tls.enabled'] !== true) return undefined;
  const places = pemPlaces('nodes', reading);
  const serverName = String(values['nodes.tls.serverName']);
  return {
    ...readShownCertificate(places, pemWords('nodes', placeOf), Date.now(), env),
    ...(serverName && { serverName }),
    ...{ places, mode: values['nodes.tls.mode'] as NodeTlsMode },
  };
}

export interface RenewalParts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/** The certificates of a node, for as long as it runs. Throws `engine-certificate-invalid`, `veltrix-secret-unreadable`. */
export function renewedNodeTls(
  { places, serverName }: Pick<NodeTls, 'places' | 'serverName'>,
  { clock, logger }: RenewalParts,
): RenewedCertificates {
  const words = certificateWords((part) => `nodes.tls.${part}`);
  return new RenewedCertificates({
    ...{ owner: 'the node', places, clock, logger },
    read: () => ({
      ...readShownCertificate(places, words, clock.now()),
      ...(serverName === undefined ? {} : { serverName }),
    }),
  });
}

import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** How a connection to a server is encrypted. Texts of PEM, so that threads can be handed it. */
export interface TlsOptions {
  /** Who may have signed the server's certificate; those that Node trusts unless told. */
  readonly ca?: string;
  /** Our certificate and those between it and its CA, for servers that ask who calls. With `key`. */
  readonly cert?: string;
  readonly key?: string;
  /** What the server's certificate has to be for, where that is not the host that is called. */
  readonly serverName?: string;
}

/** For `node:tls`. The server is always held against its certificate, whatever the environment says. */
export function tlsConnectionOptions(
  { ca, cert, key, serverName }: TlsOptions,
  host?: string,
): ConnectionOptions {
  const named = serverName ?? (host === undefined || isIP(host) !== 0 ? undefined : host);
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(named === undefined ? {} : { servername: named }),
  };
}

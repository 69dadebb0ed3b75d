import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { PemPlaces, Pems } from './pem-files.ts';
import { currentPems } from './renewed-pems.ts';

/** How a connection to a server is encrypted. Plain, so that threads can be handed it. */
export interface TlsOptions extends Pems {
  /** What the server's certificate has to be for, where that is not the host that is called. */
  readonly serverName?: string;
  /** Where the texts are from: each new connection is made with what the files have then. */
  readonly places?: PemPlaces;
}

/**
 * For `node:tls`. The server is always held against its certificate, whatever the environment says. Where the texts are
 * from files, they are looked at whenever the members are read: drivers copy them for each connection that they make.
 */
export function tlsConnectionOptions(tls: TlsOptions, host?: string): ConnectionOptions {
  const { serverName } = tls;
  const named = serverName ?? (host === undefined || isIP(host) !== 0 ? undefined : host);
  const options: ConnectionOptions = {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(named === undefined ? {} : { servername: named }),
  };
  for (const part of ['ca', 'cert', 'key'] as const) {
    if (tls[part] === undefined) continue;
    Object.defineProperty(options, part, { enumerable: true, get: () => currentPems(tls)[part] });
  }
  return options;
}

import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { currentPems } from './renewed-pems.ts';

/** Texts of PEM. */
export interface Pems {
  /** Who may have signed the server's certificate; those that Node trusts unless told. */
  readonly ca?: string;
  /** Our certificate and those between it and its CA, for servers that ask who calls. With `key`. */
  readonly cert?: string;
  readonly key?: string;
}

/** How a connection to a server is encrypted. Plain, so that threads can be handed it. */
export interface TlsOptions extends Pems {
  /** What the server's certificate has to be for, where that is not the host that is called. */
  readonly serverName?: string;
  /** Where the texts are from, absolute: each new connection is made with what the files have then. */
  readonly files?: Partial<Record<keyof Pems, string>>;
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

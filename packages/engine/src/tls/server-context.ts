import type { SecureContextOptions, Server } from 'node:tls';
import type { Live } from 'veltrix/config';
import type { TlsOptions } from 'veltrix/tls';

/** What a server shows, and whom it trusts. */
export function serverContext({ ca, cert, key }: TlsOptions): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** While it listens, connections that are made see what was renewed; those that there are go on. */
export function renewing(server: Server, certificates: Live<TlsOptions>): void {
  server.once('listening', () => {
    const renew = () => server.setSecureContext(serverContext(certificates.current));
    server.once('close', certificates.onChange(renew));
  });
}

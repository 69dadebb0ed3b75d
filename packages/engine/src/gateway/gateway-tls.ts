import type { RequestListener, Server } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from 'veltrix';
import type { SettingsSource } from '../engine-settings.ts';
import type { RefusalOf } from './connection-gate.ts';
import type { GatewayConfig } from './gateway-settings.ts';

/** How a gateway encrypts. */
export interface GatewayTls {
  /** Of HTTPS, with the limits of the settings; it takes renewed certificates by itself. */
  makeServer(handler: RequestListener, config: GatewayConfig): Server;
  /** Keeps out who shows no certificate, where that is wanted. */
  readonly refusalOf: RefusalOf;
}

export interface GatewayTlsOptions {
  readonly source: Pick<SettingsSource, 'values'>;
  readonly clock: Clock;
  /** Is told of certificates that are read later. */
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/**
 * What the settings say of encryption; undefined where the gateway has no certificate, and then nothing is loaded for it.
 * Paths are relative to where the process was started. Throws `engine-certificate-invalid`, `veltrix-secret-unreadable`.
 */
export async function openGatewayTls(options: GatewayTlsOptions): Promise<GatewayTls | undefined> {
  if (!options.source.values['gateway.tls.cert']) return undefined;
  const { SecureGateway } = await import('./tls/secure-gateway.ts');
  return new SecureGateway(options);
}

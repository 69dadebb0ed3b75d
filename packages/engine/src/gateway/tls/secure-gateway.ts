import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:https';
import { type PemPlaces, readShownCertificate } from 'veltrix/tls';
import { certificateWords } from '../../tls/certificate-words.ts';
import { RenewedCertificates } from '../../tls/renewed-certificates.ts';
import { renewing, serverContext } from '../../tls/server-context.ts';
import type { RefusalOf } from '../connection-gate.ts';
import type { GatewayConfig } from '../gateway-settings.ts';
import type { GatewayTls, GatewayTlsOptions } from '../gateway-tls.ts';
import { untrusted } from './client-certificates.ts';

const settings = {
  ca: 'gateway.tls.clientCa',
  cert: 'gateway.tls.cert',
  key: 'gateway.tls.key',
} as const;

const words = certificateWords((part) => settings[part]);

/** HTTPS by the settings `gateway.tls`. */
export class SecureGateway implements GatewayTls {
  readonly #certificates: RenewedCertificates;
  /** Whether there is a CA for clients is said by the settings, so it stays. */
  readonly #wantsClients: boolean;

  /** Throws `engine-certificate-invalid`, `veltrix-secret-unreadable`. */
  constructor({ source, clock, logger }: GatewayTlsOptions) {
    const text = (name: string) => String(source.values[name] ?? '');
    const places: PemPlaces = {
      ...{ ca: text(settings.ca), cert: text(settings.cert), key: text(settings.key) },
      directory: '.',
    };
    this.#wantsClients = places.ca !== '';
    this.#certificates = new RenewedCertificates({
      ...{ owner: 'the gateway', places, clock, logger },
      read: () => readShownCertificate(places, words, clock.now()),
    });
  }

  makeServer(handler: RequestListener, config: GatewayConfig): Server {
    const { requestTimeoutMs, keepAliveMs } = config;
    const server = createServer(
      {
        ...serverContext(this.#certificates.current),
        // Who shows none is told why, and platforms that have none still learn how the process is.
        ...(this.#wantsClients && { requestCert: true, rejectUnauthorized: false }),
        handshakeTimeout: requestTimeoutMs,
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveMs,
        connectionsCheckingInterval: 1_000,
      },
      handler,
    );
    renewing(server, this.#certificates);
    return server as unknown as Server;
  }

  get refusalOf(): RefusalOf {
    return this.#wantsClients ? untrusted : () => undefined;
  }
}

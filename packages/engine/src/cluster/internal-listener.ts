import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { CodedError } from 'veltrix';
import type { Live } from 'veltrix/config';
import type { TlsOptions } from 'veltrix/tls';
import { engineErrors } from '../errors.ts';
import { whyNotTrusted } from '../tls/peer-certificate.ts';
import { renewing, serverContext } from '../tls/server-context.ts';
import { handshakeRecord, takePlainToo } from './plain-beside-tls.ts';

export interface InternalListenerOptions {
  /** Plain without. */
  readonly tls?: Live<TlsOptions> | undefined;
  /** Besides `tls` connections in plain are taken at the same port. */
  readonly takesPlain?: boolean;
  /** Is told `engine-node-caller` of who calls in another way than this node speaks. */
  readonly onProblem?: (error: Error) => void;
}

const requestTimeoutMs = 10_000;
const connectionsMax = 1_000;

export interface ConnectionCounts {
  plain: number;
  tls: number;
}

/** The sockets of a node, in plain or encrypted or both, and who of those that call has shown a certificate of a node. */
export class InternalListener {
  readonly server: Server;
  readonly connections: ConnectionCounts = { plain: 0, tls: 0 };
  readonly #counted = new WeakSet<Socket>();
  readonly #refusals = new WeakMap<Socket, string>();
  /** All that are open, also those that have said nothing or are in a handshake, which the server does not know of. */
  readonly #sockets = new Set<Socket>();
  readonly #onProblem: (error: Error) => void;

  constructor(answer: RequestListener, options: InternalListenerOptions) {
    const { tls, takesPlain = false, onProblem = () => {} } = options;
    this.#onProblem = onProblem;
    this.server = tls ? this.#secure(tls, takesPlain, answer) : createServer(limits, answer);
    this.server.maxConnections = connectionsMax;
    this.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
      this.#failed(error, socket as Socket),
    );
  }

  #secure(tls: Live<TlsOptions>, takesPlain: boolean, answer: RequestListener): Server {
    const server = createSecureServer(
      {
        ...serverContext(tls.current),
        // Who shows none is told why, and platforms that have none still learn how the node is.
        ...{ requestCert: true, rejectUnauthorized: false, handshakeTimeout: requestTimeoutMs },
        ...limits,
      },
      answer,
    );
    server.on('secureConnection', (socket: TLSSocket) => {
      const reason = isEncrypted(socket) ? whyNotTrusted(socket) : undefined;
      if (reason !== undefined) this.#refusals.set(socket, reason);
    });
    if (takesPlain) takePlainToo(server, requestTimeoutMs);
    renewing(server, tls);
    return server as unknown as Server;
  }

  /** `engine-node-caller` for who has to show a certificate and has not. */
  refusalOf(socket: Socket): CodedError | undefined {
    const reason = this.#refusals.get(socket);
    return reason === undefined
      ? undefined
      : this.#told(socket, `a certificate of a node is wanted, and ${reason}; set nodes.tls there`);
  }

  /** A node has asked something over this connection; it counts once. */
  count(socket: Socket): void {
    if (this.#counted.has(socket)) return;
    this.#counted.add(socket);
    this.connections[isEncrypted(socket) ? 'tls' : 'plain'] += 1;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #failed(error: NodeJS.ErrnoException & { readonly rawPacket?: Buffer }, socket: Socket): void {
    const { code = '', rawPacket } = error;
    if (code === 'ERR_SSL_HTTP_REQUEST') {
      this.#told(
        socket,
        'it does not encrypt, and this node requires it; a node that runs beside others is set to nodes.tls.mode: accept first, a probe to the scheme https',
      );
    } else if (rawPacket?.[0] === handshakeRecord) {
      this.#told(
        socket,
        'it encrypts, and this node does not; nodes that run beside each other are set to nodes.tls.mode: accept first',
      );
    } else if (/^ERR_SSL_/.test(code)) {
      this.#told(socket, `it does not agree on how to encrypt: ${code}`);
    }
    if (/^ERR_(SSL|TLS)_/.test(code) || !socket.writable) socket.destroy();
    else socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
  }

  #told({ remoteAddress: address = 'an unknown address' }: Socket, reason: string): CodedError {
    const problem = engineErrors.create('engine-node-caller', { address, reason });
    this.#onProblem(problem);
    return problem;
  }
}

function isEncrypted(socket: Socket): boolean {
  return socket instanceof TLSSocket;
}

const limits = { requestTimeout: requestTimeoutMs, connectionsCheckingInterval: 5_000 };

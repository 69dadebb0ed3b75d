import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { writeProblem } from './raw-problem.ts';
import { type Asked, standBefore } from './stand-before.ts';

/** Why a connection that is not let in gets no other answer to what it asks; undefined where it may ask this. */
export type Refusal = (request: IncomingMessage, asked: Asked) => Error | undefined;

/** Of a connection once both sides have agreed on how to encrypt; undefined for who is let in. */
export type RefusalOf = (socket: TLSSocket) => Refusal | undefined;

export interface ConnectionGateOptions {
  /** Connections that are let in at once. */
  readonly limit: number;
  /** Of a server that encrypts, and only there. */
  readonly refusalOf?: RefusalOf | undefined;
}

/** So many more are accepted to be told that there is no room; beyond them connections are closed. */
const refusedMax = 32;

/**
 * Who may speak to a server, connection by connection: at most `limit` at once, and where it encrypts whom it trusts.
 * The first request of another is answered with the reason, and the connection closed. Where the server encrypts a
 * connection counts once both sides have agreed on how: until then there is nothing to answer on, and
 * `maxConnections` of the server bounds them.
 */
export class ConnectionGate {
  readonly #server: Server;
  /** What requests come by. */
  readonly #open = new Set<Socket>();
  /** Where the server encrypts, what is below those, and who has not agreed yet on how. */
  readonly #bare = new Set<Socket>();
  readonly #refused = new Map<Socket, Refusal>();
  #isEnding = false;

  /** Before whoever listens to the server's requests and upgrades by now. */
  constructor(server: Server, { limit, refusalOf }: ConnectionGateOptions) {
    this.#server = server;
    const full: Refusal = () => engineErrors.create('engine-connections-full', { limit });
    server.maxConnections = limit + refusedMax;
    server.on('connection', (socket: Socket) => {
      // It came before the server stopped to listen, and after who asks nothing was looked for.
      if (this.#isEnding) socket.destroy();
      else if (refusalOf) this.#keep(this.#bare, socket);
    });
    server.on(refusalOf ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#keep(this.#open, socket);
      const refusal = this.#open.size > limit ? full : refusalOf?.(socket as TLSSocket);
      if (refusal) this.#refused.set(socket, refusal);
    });
    for (const asked of ['request', 'upgrade'] as const) {
      standBefore(server, asked, (request) => this.#refuses(request, asked));
    }
  }

  /**
   * Ends every connection while `closeServer` runs, which calls `close` of the server: those that ask nothing at once,
   * others when what they ask is answered, and what is left after `mostMs`. Resolves with how many were left.
   */
  async end(
    closeServer: () => PromiseLike<unknown>,
    mostMs: number,
    clock: Pick<Clock, 'after'>,
  ): Promise<number> {
    this.#isEnding = true;
    // Node looks for idle connections once, and has one that is answered later wait for its next request.
    this.#server.keepAliveTimeout = 1;
    this.#server.keepAliveTimeoutBuffer = 0;
    const closed = closeServer();
    this.#endUnused();
    let left = 0;
    const cancel = clock.after(mostMs, () => {
      left = this.#open.size;
      for (const socket of [...this.#open, ...this.#bare]) socket.destroy();
    });
    await closed;
    cancel();
    return left;
  }

  /** Node takes a connection that was never used for one with a request under way. */
  #endUnused(): void {
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy();
    const used = new Set([...this.#open].filter(({ destroyed }) => !destroyed).map(endsOf));
    for (const socket of this.#bare) if (!used.has(endsOf(socket))) socket.destroy();
  }

  #keep(sockets: Set<Socket>, socket: Socket): void {
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      this.#refused.delete(socket);
    });
  }

  #refuses(request: IncomingMessage, asked: Asked): boolean {
    const refusal = this.#refusal(request, asked);
    if (refusal) writeProblem(request.socket, refusal);
    return refusal !== undefined;
  }

  #refusal(request: IncomingMessage, asked: Asked): Error | undefined {
    // Of nearly every request, for which nothing is looked up.
    if (this.#refused.size === 0) return undefined;
    return this.#refused.get(request.socket)?.(request, asked);
  }
}

/** A connection of TLS and what is below it have the same. */
function endsOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`;
}

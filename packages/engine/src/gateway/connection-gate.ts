import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { engineErrors } from '../errors.ts';
import { writeProblem } from './raw-problem.ts';

type Asked = 'request' | 'upgrade';

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
  readonly #open = new Set<Socket>();
  readonly #refused = new Map<Socket, Refusal>();

  /** Before whoever listens to the server's requests and upgrades by now. */
  constructor(server: Server, { limit, refusalOf }: ConnectionGateOptions) {
    const full: Refusal = () => engineErrors.create('engine-connections-full', { limit });
    server.maxConnections = limit + refusedMax;
    server.on(refusalOf ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#open.add(socket);
      const refusal = this.#open.size > limit ? full : refusalOf?.(socket as TLSSocket);
      if (refusal) this.#refused.set(socket, refusal);
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#refused.delete(socket);
      });
    });
    for (const asked of ['request', 'upgrade'] as const) this.#standBefore(server, asked);
  }

  #standBefore(server: Server, asked: Asked): void {
    const listeners = server.listeners(asked) as ((...args: unknown[]) => void)[];
    server.removeAllListeners(asked);
    server.on(asked, (request: IncomingMessage, ...rest: unknown[]) => {
      const refusal = this.#refusal(request, asked);
      if (refusal) writeProblem(request.socket, refusal);
      else for (const listener of listeners) listener.call(server, request, ...rest);
    });
  }

  #refusal(request: IncomingMessage, asked: Asked): Error | undefined {
    // Of nearly every request, for which nothing is looked up.
    if (this.#refused.size === 0) return undefined;
    return this.#refused.get(request.socket)?.(request, asked);
  }
}

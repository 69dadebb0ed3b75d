import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { engineErrors } from '../errors.ts';
import { writeProblem } from './raw-problem.ts';

/** So many more are accepted to be told that there is no room; beyond them connections are closed. */
const refusedMax = 32;

/**
 * Keeps at most `limit` connections open. One above is answered `engine-connections-full` to its first
 * request and closed. Where the server encrypts a connection counts once both sides have agreed on how: until then there
 * is nothing to answer on, and `maxConnections` of the server bounds them.
 */
export function limitConnections(server: Server, limit: number, isEncrypted = false): void {
  const refused = new WeakSet<Socket>();
  let open = 0;
  server.maxConnections = limit + refusedMax;
  server.on(isEncrypted ? 'secureConnection' : 'connection', (socket: Socket) => {
    open += 1;
    if (open > limit) refused.add(socket);
    socket.once('close', () => {
      open -= 1;
    });
  });
  // Before fastify and the sockets' upgrade see the request.
  for (const event of ['request', 'upgrade'] as const) {
    const listeners = server.listeners(event) as ((...args: unknown[]) => void)[];
    server.removeAllListeners(event);
    server.on(event, (request: IncomingMessage, ...rest: unknown[]) => {
      if (refused.has(request.socket)) {
        writeProblem(request.socket, engineErrors.create('engine-connections-full', { limit }));
      } else for (const listener of listeners) listener.call(server, request, ...rest);
    });
  }
}

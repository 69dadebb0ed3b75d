import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { engineErrors } from '../../errors.ts';
import { whyNotTrusted } from '../../tls/peer-certificate.ts';
import { writeProblem } from '../raw-problem.ts';

/** What platforms ask of a process: they have no certificates. */
const open = new Set(['/healthz', '/readyz']);

/**
 * Answers who has not shown a certificate that is trusted `engine-client-certificate`, and closes the connection. Before
 * whoever listens to the server already.
 */
export function admitTrusted(server: Server): void {
  const refusals = new WeakMap<Socket, string>();
  server.on('secureConnection', (socket: TLSSocket) => {
    const reason = whyNotTrusted(socket);
    if (reason !== undefined) refusals.set(socket, reason);
  });
  for (const event of ['request', 'upgrade'] as const) {
    const listeners = server.listeners(event) as ((...args: unknown[]) => void)[];
    server.removeAllListeners(event);
    server.on(event, (request: IncomingMessage, ...rest: unknown[]) => {
      const { socket, url = '' } = request;
      const reason = refusals.get(socket);
      if (reason !== undefined && !(event === 'request' && open.has(url))) {
        writeProblem(socket, engineErrors.create('engine-client-certificate', { reason }));
      } else for (const listener of listeners) listener.call(server, request, ...rest);
    });
  }
}

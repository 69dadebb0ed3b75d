import type { TLSSocket } from 'node:tls';

/**
 * Why the other side of a server's connection is not whom its CA has signed; undefined where it is. For servers that ask
 * for certificates and end the handshake without one, too.
 */
export function whyNotTrusted(socket: TLSSocket): string | undefined {
  // Of a connection that goes on from an earlier one, too.
  if (socket.getPeerX509Certificate() === undefined) return 'none was shown';
  if (socket.authorized) return undefined;
  const error = socket.authorizationError as Error | string | null;
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : error;
  return `the one that was shown is not trusted (${code ?? 'unknown'})`;
}

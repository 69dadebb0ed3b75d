import type { Socket } from 'node:net';

/**
 * Ends a connection so that the other side hears of a reset. One that is being shut down already is only
 * closed: a reset of it fails, and Node would keep it open and never end.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/** How a connection of TLS begins. No request of HTTP does. */
export const handshakeRecord = 0x16;

/** Connections that have said nothing yet. */
export interface UnsortedSockets {
  destroy(): void;
}

/**
 * Has a server of HTTPS take HTTP in plain, too, at the same port: the first byte of a connection says which it is. Who
 * says nothing for so long is hung up on.
 */
export function takePlainToo(server: Server, timeoutMs: number): UnsortedSockets {
  const handshakes = server.listeners('connection');
  const unsorted = new Set<Socket>();
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    unsorted.add(socket);
    const forget = () => unsorted.delete(socket);
    socket.on('error', () => socket.destroy()).once('close', forget);
    socket.setTimeout(timeoutMs, () => {
      if (unsorted.has(socket)) socket.destroy();
    });
    firstByte(socket, (byte) => {
      forget();
      socket.setTimeout(0);
      if (byte === handshakeRecord) {
        for (const begin of handshakes) Reflect.apply(begin, server, [socket]);
      } else {
        // What takes decrypted sockets as HTTP takes any.
        server.emit('secureConnection', socket);
      }
    });
  });
  return {
    destroy: () => {
      for (const socket of unsorted) socket.destroy();
    },
  };
}

/** Leaves it to be read. A connection that ends before has none, and is over. */
function firstByte(socket: Socket, taken: (byte: number) => void): void {
  const bytes = socket.read(1) as Buffer | null;
  if (bytes === null) return void socket.once('readable', () => firstByte(socket, taken));
  socket.unshift(bytes);
  taken(bytes[0]!);
}

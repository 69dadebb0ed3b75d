import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/** How a connection of TLS begins. No request of HTTP does. */
export const handshakeRecord = 0x16;

/**
 * Has a server of HTTPS take HTTP in plain, too, at the same port: the first byte of a connection says which it is. Who
 * says nothing for so long is hung up on.
 */
export function takePlainToo(server: Server, timeoutMs: number): void {
  const handshakes = server.listeners('connection');
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    const hangUp = () => socket.destroy();
    socket.on('error', hangUp).setTimeout(timeoutMs, hangUp);
    firstByte(socket, (byte) => {
      socket.setTimeout(0, hangUp);
      if (byte === handshakeRecord) {
        for (const begin of handshakes) Reflect.apply(begin, server, [socket]);
      } else {
        // What takes decrypted sockets as HTTP takes any.
        server.emit('secureConnection', socket);
      }
    });
  });
}

/** Leaves it to be read. A connection that ends before has none, and is over. */
function firstByte(socket: Socket, taken: (byte: number) => void): void {
  const bytes = socket.read(1) as Buffer | null;
  if (bytes === null) return void socket.once('readable', () => firstByte(socket, taken));
  socket.unshift(bytes);
  taken(bytes[0]!);
}

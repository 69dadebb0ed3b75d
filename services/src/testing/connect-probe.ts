import { once } from 'node:events';
import net from 'node:net';

/** For a fake server, whose protocol is to take a connection. */
export function connectProbe(port: number): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    try {
      await once(socket, 'connect', { signal });
    } finally {
      socket.destroy();
    }
  };
}

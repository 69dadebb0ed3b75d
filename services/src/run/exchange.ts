import net from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/**
 * Sends the requests to `host:port`, each after the answer to the one before it, and gives the
 * last answer. `isWhole` says when all of an answer is there. For probes: one connection for one
 * question. In plain, unless `tls` is given.
 */
export function exchange(
  address: string,
  requests: readonly (Uint8Array | string)[],
  isWhole: (answer: Buffer) => boolean,
  signal: AbortSignal,
  tls?: ConnectionOptions,
): Promise<Buffer> {
  const colon = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
  const waiting = [...requests];
  return new Promise((resolve, reject) => {
    const socket = tls ? connectTls({ ...tls, host, port }) : net.connect({ host, port });
    const send = () => socket.write(waiting.shift() ?? '');
    const silent = () => socket.destroy(new Error(`${address} is silent`));
    signal.addEventListener('abort', silent, { once: true });
    let answer = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (!isWhole(answer)) return;
      if (waiting.length > 0) {
        answer = Buffer.alloc(0);
        send();
        return;
      }
      resolve(answer);
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', silent);
      reject(new Error(`${address} closed the connection`));
    });
    send();
  });
}

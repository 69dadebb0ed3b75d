import net from 'node:net';

/**
 * Sends `request` to `host:port` and collects the answer until `isWhole` says that all is there,
 * or the server closes. For probes: one connection for one question.
 */
export function exchange(
  address: string,
  request: Uint8Array | string,
  isWhole: (answer: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  const colon = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    let answer = Buffer.alloc(0);
    const silent = () => socket.destroy(new Error(`${address} is silent`));
    signal.addEventListener('abort', silent, { once: true });
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (!isWhole(answer)) return;
      resolve(answer);
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', silent);
      reject(new Error(`${address} closed the connection`));
    });
    socket.write(request);
  });
}

import { once } from 'node:events';
import { connect } from 'node:net';

const timeoutMs = 5_000;

/** Sends Redis one command without values, such as `FLUSHALL`, and waits until it is done. */
export async function askRedis(address: string, command: string): Promise<void> {
  const colon = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    if (!answer.toString().startsWith('+')) throw new Error(`Redis answers ${command}: ${answer}`);
  } finally {
    socket.destroy();
  }
}

import { readFileSync } from 'node:fs';
import net from 'node:net';

/** Where the system takes the ports of outgoing connections from, unless it says otherwise. */
const usualFirstOutgoing = 32_768;
const firstPort = 10_240;
const triesPerPort = 200;

/**
 * Ports of 127.0.0.1 on which nobody listens, all different. They lie below those that the system
 * gives to outgoing connections, because a killed server must get its port again: a client that
 * calls a dead port again and again in that range may be given this very port as its own.
 */
export async function freePorts(count: number): Promise<number[]> {
  const last = firstOutgoingPort() - 1;
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries === triesPerPort * count) {
      throw new Error(`no free port between ${firstPort} and ${last} in ${tries} tries`);
    }
    const port = firstPort + Math.floor(Math.random() * (last - firstPort + 1));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

function firstOutgoingPort(): number {
  try {
    const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/);
    return Math.max(Number(first) || usualFirstOutgoing, firstPort + 1_000);
  } catch {
    return usualFirstOutgoing;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

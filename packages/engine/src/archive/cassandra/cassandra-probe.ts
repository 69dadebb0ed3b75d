import { connect } from 'node:net';

/** The question for what a server can do, of version 4, and a line's end for servers that read lines. */
export const cassandraQuestion = Buffer.from('0400000005000000000d0a0d0a', 'hex');
/** Answers of every version have it. */
const answerBit = 0x80;

/** What an address is: `silent` does not answer, or hangs up. */
export type Probed = 'cassandra' | 'other' | 'silent';

/** Asks an address, `host:port`, whether it is Cassandra: the driver takes any other server for one that is down. */
export function probeCassandraAddress(address: string, timeoutMs: number): Promise<Probed> {
  const at = address.lastIndexOf(':');
  const [host, port] = at < 0 ? [address, 9042] : [address.slice(0, at), +address.slice(at + 1)];
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const settle = (probed: Probed) => {
      socket.destroy();
      resolve(probed);
    };
    socket.setTimeout(timeoutMs, () => settle('silent'));
    socket.on('connect', () => socket.write(cassandraQuestion));
    socket.on('error', () => settle('silent'));
    socket.on('close', () => settle('silent'));
    socket.on('data', ([first = 0]) => settle(first & answerBit ? 'cassandra' : 'other'));
  });
}

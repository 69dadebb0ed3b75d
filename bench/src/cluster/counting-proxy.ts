import { once } from 'node:events';
import net from 'node:net';

/** What went through so far, both ways. */
export interface CountedTraffic {
  /** Frames of a protocol whose messages begin with their length in four bytes, as ZooKeeper's do. */
  messages: number;
  bytes: number;
}

/** Stands between clients and a server on loopback, and counts. */
export class CountingProxy {
  readonly traffic: CountedTraffic = { messages: 0, bytes: 0 };
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(target: string) {
    const [host, port] = target.split(':');
    this.#server = net.createServer((client) => {
      const server = net.connect({ host: host!, port: Number(port) });
      this.#join(client, server);
      this.#join(server, client);
    });
  }

  /** @param target `host:port` */
  static async start(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get address(): string {
    const { port } = this.#server.address() as net.AddressInfo;
    return `127.0.0.1:${port}`;
  }

  #join(from: net.Socket, to: net.Socket): void {
    this.#sockets.add(from);
    const count = this.#frames();
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      count(chunk);
      to.write(chunk);
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  /** Counts the frames of one direction, wherever they are cut. */
  #frames(): (chunk: Buffer) => void {
    let length = 0;
    let lengthBytes = 0;
    let left = 0;
    return (chunk) => {
      this.traffic.bytes += chunk.length;
      for (let at = 0; at < chunk.length; ) {
        if (left > 0) {
          const taken = Math.min(left, chunk.length - at);
          left -= taken;
          at += taken;
          continue;
        }
        length = length * 256 + chunk[at++]!;
        lengthBytes += 1;
        if (lengthBytes < 4) continue;
        this.traffic.messages += 1;
        [left, length, lengthBytes] = [length, 0, 0];
      }
    };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

import { createServer, type Server, type Socket } from 'node:net';

/** A way to a server that tests can cut: silently in one direction or both, or in the middle of an answer. */
export class CutProxy {
  /** Bytes of these directions vanish; the connections stay open, as when a cable is pulled. */
  cut: 'none' | 'to-server' | 'from-server' | 'both' = 'none';
  /** After so many more bytes from the server every connection is closed, perhaps in the middle of an answer. */
  breakAfterBytes = Number.POSITIVE_INFINITY;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(connectTo: (client: Socket) => Socket): Promise<CutProxy> {
    const server = createServer();
    const proxy = new CutProxy(server);
    server.on('connection', (client) => proxy.#join(client, connectTo(client)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (this.cut !== 'to-server' && this.cut !== 'both') server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      if (this.cut === 'from-server' || this.cut === 'both') return;
      client.write(bytes.subarray(0, this.breakAfterBytes));
      this.breakAfterBytes -= bytes.length;
      if (this.breakAfterBytes > 0) return;
      this.breakAfterBytes = Number.POSITIVE_INFINITY;
      client.end();
      server.destroy();
    });
  }
}
